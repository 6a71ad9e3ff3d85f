"""Download public data sets: resumed when interrupted, compared with the first download, unpacked and checked."""

from zoo.download.checksums import read_record, record_path
from zoo.download.fetch import fetch
from zoo.download.resumable import RetryPolicy

__all__ = ["RetryPolicy", "fetch", "read_record", "record_path"]
