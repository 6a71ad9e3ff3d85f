"""Data: what there is, how it is divided, and how it becomes batches."""

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.image_files import files_below, images_below, one_of_each

__all__ = ["Manifest", "Sample", "files_below", "images_below", "one_of_each"]
