"""Exported models: a trained model as one file that runs without histozoo, checked before it is kept."""

from zoo.exporting.export import Exported, export

__all__ = ["Exported", "export"]
