from __future__ import annotations

from collections.abc import Callable

import pytest

from zoo.config.fields import settings_of
from zoo.config.recipe import Recipe
from zoo.errors import ZooError
from zoo.registry import registry


def outside(name: str) -> float | None:
    """Return a number just outside the range of a setting; None if it has no range."""
    allowed = settings_of(Recipe)[name].range
    edges = (allowed.below, allowed.above, None if allowed.at_least is None else allowed.at_least - 1)
    return next((edge for edge in edges if edge is not None), None)


@pytest.mark.parametrize(
    "name", [name for name in settings_of(Recipe) if name != "fractions" and outside(name) is not None]
)
def test_a_recipe_of_a_registry_file_has_the_same_ranges_as_the_command_line(
    name: str, own_registry: Callable[[str], None]
) -> None:
    own_registry(f"recipes:\n  odd:\n    summary: odd\n    {name}: {outside(name)}\n")
    with pytest.raises(ZooError, match=rf"own-registry\.yaml:4: {name} must be"):
        registry()


def test_label_smoothing_above_1_is_refused_in_a_registry_file(own_registry: Callable[[str], None]) -> None:
    own_registry("recipes:\n  odd:\n    summary: odd\n    label_smoothing: 1.5\n")
    with pytest.raises(ZooError, match=r"label_smoothing must be at least 0 and below 1, not 1\.5"):
        registry()
