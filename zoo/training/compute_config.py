"""What the user says about computing. No torch here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from zoo.config import values as typed
from zoo.errors import UsageError
from zoo.spec import Choice, Layout, Precision


@dataclass(frozen=True, kw_only=True)
class ComputeConfig:
    """`auto` leaves a choice to the zoo."""

    device: str = "auto"
    precision: Precision = "auto"
    layout: Layout = "auto"
    compile: Choice = "auto"
    resident: Choice = "auto"
    sync_norm: Choice = "auto"
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name, hint in typed.fields(ComputeConfig).items():
            try:
                typed.check(getattr(self, name), hint)
            except ValueError as error:
                raise UsageError(f"{name} {error}") from error

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)
