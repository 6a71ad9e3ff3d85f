"""Download public data sets: resumed when interrupted, compared with the first download, unpacked and checked."""

from zoo.data.download.checksums import read_record, record_path
from zoo.data.download.fetch import fetch
from zoo.data.download.resumable import RetryPolicy

__all__ = ["RetryPolicy", "fetch", "read_record", "record_path"]
