"""@name@: a small residual network with an attention block in every residual branch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option, Preprocessing

MODEL = Architecture(
    name="@name@",
    build="@module@.model:build",
    summary="the small residual network with a gate on its channels",
    options={"depth": Option(default=20, help="number of layers, 6n+2")},
    preprocessing=Preprocessing(height=64, width=64),
    cam_layer="layer3",
)


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register the model; its module is imported when the network is built."""
    register(MODEL)


@zoo.hookimpl
def zoo_registry_files() -> Sequence[Path]:
    """Return the registry files of this package."""
    return [Path(__file__).with_name("registry.yaml")]
