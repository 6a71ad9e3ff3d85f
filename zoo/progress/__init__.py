"""How long work tells what it is doing. The library speaks to a Reporter; the faces decide how it looks."""

from zoo.progress.reporter import Reporter, Silent, Task, track_bytes

__all__ = ["Reporter", "Silent", "Task", "track_bytes"]
