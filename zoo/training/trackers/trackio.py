"""trackio: a project in trackio's own folder, where runs of several folders are compared."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import AbstractContextManager, redirect_stdout
from typing import Any

from zoo.errors import MissingExtraError
from zoo.runs import Run

PROJECT = "histozoo"


class Trackio:
    """Logs to the trackio project `histozoo`, under a name that no other run has."""

    def __init__(self) -> None:
        try:
            import trackio
        except ImportError as error:
            raise MissingExtraError("trackio", extra="trackio") from error
        self._trackio = trackio
        self._run: Any = None

    def start(self, run: Run, settings: Mapping[str, Any]) -> str:
        """Delete what earlier sessions logged, and start the run in trackio with its settings."""
        name = f"{run.path.resolve().name} {run.record.started}"
        with _no_output():
            self._delete(name)
            self._run = self._trackio.init(
                project=PROJECT, name=name, config=settings, embed=False, auto_log_gpu=False, auto_log_cpu=False
            )
        return f"trackio show --project {PROJECT}, where it is {name}"

    def log(self, values: Mapping[str, float], *, epoch: int, wall_time: float) -> None:  # noqa: ARG002
        """Log the values of one epoch; trackio takes the time itself."""
        self._run.log(values, step=epoch)

    def finish(self) -> None:
        """Wait until everything is written."""
        with _no_output():
            self._trackio.finish()

    def _delete(self, name: str) -> None:
        """Delete the runs of a name from the project."""
        try:
            runs = self._trackio.Api().runs(PROJECT)
        except ValueError:  # there is no such project yet
            return
        for run in [run for run in runs if run.name == name]:
            run.delete()


def _no_output() -> AbstractContextManager[Any]:
    """Return a context in which trackio prints nothing: standard output is for the command's result."""
    return redirect_stdout(io.StringIO())
