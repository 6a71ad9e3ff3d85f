"""Fetching public data sets: downloaded, compared, unpacked and checked, whole or not at all."""

from zoo.data.download.checksums import recorded
from zoo.data.download.fetch import fetch
from zoo.data.download.resumable import Patience

__all__ = ["Patience", "fetch", "recorded"]
