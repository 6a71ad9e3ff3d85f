"""Data sets: sources, splits, pixels and augmentation, and what a plugin needs to add a source."""

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.image_files import files_below, images_below, one_of_each

__all__ = ["Manifest", "Sample", "files_below", "images_below", "one_of_each"]
