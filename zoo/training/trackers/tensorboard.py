"""TensorBoard: event files in the run folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from zoo.errors import MissingExtraError
from zoo.runs import Run


class TensorBoard:
    """Logs to the folder `tensorboard` of the run."""

    def __init__(self) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingExtraError("tensorboard", extra="tensorboard") from error
        self._make_writer = SummaryWriter
        self._writer: Any = None

    def start(self, run: Run, settings: Mapping[str, Any]) -> str:
        """Write the settings as text; what earlier sessions logged is hidden from TensorBoard."""
        folder = run.path / "tensorboard"
        is_new = not folder.exists()
        self._writer = self._make_writer(str(folder), purge_step=0)
        if is_new:
            text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
            self._writer.add_text("settings", f"```yaml\n{text}```", 0)
        return f"tensorboard --logdir {folder}"

    def log(self, values: Mapping[str, float], *, epoch: int, wall_time: float) -> None:
        """Write the values of one epoch to disk, so that an open page shows them."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, epoch, walltime=wall_time)
        self._writer.flush()

    def finish(self) -> None:
        """Close the event file."""
        self._writer.close()
