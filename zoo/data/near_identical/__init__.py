"""Near-identical images: copies that were mirrored, rotated by 90 degrees, resized or compressed again."""

from zoo.data.near_identical.search import MAX_DISTANCE, NearIdentical, NearPair, find_near_identical
from zoo.data.near_identical.thumbnails import thumbnail

__all__ = ["MAX_DISTANCE", "NearIdentical", "NearPair", "find_near_identical", "thumbnail"]
