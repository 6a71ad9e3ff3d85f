"""Being written."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Architecture


@zoo.hookimpl
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Nothing yet."""
