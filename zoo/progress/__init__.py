"""Progress of long work. The library calls a Reporter, which decides how progress is shown."""

from zoo.progress.default import command_reporter, reporter_for
from zoo.progress.reporter import Reporter, Silent, Task, track_bytes

__all__ = ["Reporter", "Silent", "Task", "command_reporter", "reporter_for", "track_bytes"]
