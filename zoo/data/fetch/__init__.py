"""Fetching public data sets: downloaded, compared, unpacked and checked, whole or not at all."""

from zoo.data.fetch.downloading import Patience
from zoo.data.fetch.fetching import fetch
from zoo.data.fetch.record import recorded

__all__ = ["Patience", "fetch", "recorded"]
