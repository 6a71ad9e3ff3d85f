"""How long work tells what it is doing. The library speaks to a Watcher; the faces decide how it looks."""

from zoo.progress.reporter import Silent, Task, Watcher

__all__ = ["Silent", "Task", "Watcher"]
