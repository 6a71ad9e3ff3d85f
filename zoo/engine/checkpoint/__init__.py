"""Checkpoints: safetensors and JSON, each written whole, the last good ones kept."""

from zoo.engine.checkpoint.folder import Checkpoints, Snapshot
from zoo.engine.checkpoint.keeper import Keeper

__all__ = ["Checkpoints", "Keeper", "Snapshot"]
