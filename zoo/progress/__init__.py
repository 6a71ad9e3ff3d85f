"""Progress of long work. The library speaks to a Reporter, which decides how it is shown."""

from zoo.progress.default import command_reporter, reporter_for
from zoo.progress.reporter import Reporter, Silent, Task

__all__ = ["Reporter", "Silent", "Task", "command_reporter", "reporter_for"]
