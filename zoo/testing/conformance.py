"""All checks of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from zoo.classifier import BundleConfig
from zoo.testing.build_checks import (
    accepts_other_classes,
    builds_every_choice,
    builds_reproducibly,
    builds_without_access,
    builds_without_side_effects,
    has_declared_parameters,
)
from zoo.testing.case import Case, bundle_case, make_case
from zoo.testing.declaration_checks import (
    declares_valid_preprocessing,
    options_survive_json,
    pins_pretrained_weights,
    registers_without_torch,
)
from zoo.testing.forward_checks import accepts_another_size, ignores_other_images, is_deterministic, returns_logits
from zoo.testing.gradient_checks import trains_every_parameter
from zoo.testing.heat_map_checks import has_heat_map
from zoo.testing.outcomes import Outcome, raise_failures, run_checks
from zoo.testing.recipe_checks import fits_its_recipe
from zoo.testing.saving_checks import saves_and_loads
from zoo.testing.training_checks import (
    keeps_its_structure,
    resumes_exactly,
    trains_in_every_precision,
    trains_reproducibly,
)

CHECKS: tuple[Callable[[Case], None], ...] = (
    registers_without_torch,
    declares_valid_preprocessing,
    pins_pretrained_weights,
    options_survive_json,
    builds_without_access,
    builds_without_side_effects,
    builds_reproducibly,
    builds_every_choice,
    has_declared_parameters,
    returns_logits,
    is_deterministic,
    ignores_other_images,
    accepts_another_size,
    accepts_other_classes,
    trains_every_parameter,
    trains_in_every_precision,
    trains_reproducibly,
    keeps_its_structure,
    saves_and_loads,
    resumes_exactly,
    fits_its_recipe,
    has_heat_map,
)
"""The checks in the order in which they run. The first line of each docstring is what the model must fulfil."""


def outcomes(name: str, *, height: int | None = None, width: int | None = None) -> Iterator[Outcome]:
    """Run every check and yield its outcome. A check that fails does not stop the others.

    Args:
        name: The model's name in the registry.
        height: The height of the images; by default the model's own.
        width: The width of the images; by default the model's own.
    """
    return _outcomes(make_case(name, height=height, width=width))


def bundle_outcomes(config: BundleConfig) -> Iterator[Outcome]:
    """Run every check on the network that a bundle describes and yield its outcome: with its options and image size.

    Args:
        config: The configuration of the bundle.
    """
    return _outcomes(bundle_case(config))


def _outcomes(case: Case) -> Iterator[Outcome]:
    return run_checks(CHECKS, case, package=case.blueprint.architecture.build)


def check_model(name: str, *, height: int | None = None, width: int | None = None) -> None:
    """Raise an error unless a model passes every check. Call it in a test of your own package.

    Args:
        name: The model's name in the registry.
        height: The height of the images; a smaller one than the model's own saves time.
        width: The width of the images.

    Examples:
        >>> def test_my_gate_passes_all_checks_of_the_zoo():
        ...     check_model("my_gate", height=32, width=32)
    """
    raise_failures(name, outcomes(name, height=height, width=width))
