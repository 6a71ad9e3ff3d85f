"""Data: what there is, how it is divided, and how it becomes batches."""

from zoo.data.manifest import Manifest, Sample

__all__ = ["Manifest", "Sample"]
