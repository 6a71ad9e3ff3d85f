"""All checks of the conformance kit, run on one model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from zoo.errors import PluginError, ZooError
from zoo.plugin_code import describe_error
from zoo.testing.build_checks import (
    accepts_other_classes,
    builds_every_choice,
    builds_reproducibly,
    builds_without_access,
    builds_without_side_effects,
    has_declared_parameters,
)
from zoo.testing.case import Case, make_case
from zoo.testing.declaration_checks import (
    declares_valid_preprocessing,
    options_survive_json,
    pins_pretrained_weights,
    registers_without_torch,
)
from zoo.testing.forward_checks import accepts_another_size, ignores_other_images, is_deterministic, returns_logits
from zoo.testing.gradient_checks import trains_every_parameter
from zoo.testing.heat_map_checks import has_heat_map
from zoo.testing.recipe_checks import fits_its_recipe
from zoo.testing.saving_checks import saves_and_loads
from zoo.testing.side_effects import kept_settings
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


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of one check."""

    check: str
    promise: str
    """What the model must fulfil, as a sentence."""
    error: str | None
    """What is wrong and what to do; None if the check passed."""


def outcomes(name: str, *, height: int | None = None, width: int | None = None) -> Iterator[Outcome]:
    """Run every check and yield its outcome. A check that fails does not stop the others.

    Args:
        name: The model's name in the registry.
        height: The height of the images; by default the model's own.
        width: The width of the images; by default the model's own.
    """
    case = make_case(name, height=height, width=width)
    first_failed: dict[str, str] = {}
    for check in CHECKS:
        promise = (check.__doc__ or "").splitlines()[0]
        error: str | None = None
        try:
            with kept_settings():
                check(case)
        except ZooError as failure:
            error = str(failure)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # noqa: BLE001 - another author's network may raise anything
            error = describe_error(failure, package=case.blueprint.architecture.build)
        if error is not None:
            first = first_failed.setdefault(error, promise)
            error = error if first == promise else f"same error as for {first!r}"
        yield Outcome(check=check.__name__, promise=promise, error=error)


def check_model(name: str, *, height: int | None = None, width: int | None = None) -> None:
    """Raise an error unless a model passes every check. Call it in a test of your own package.

    Args:
        name: The model's name in the registry.
        height: The height of the images; a smaller one than the model's own saves time.
        width: The width of the images.

    Example:
        >>> def test_my_gate_passes_all_checks_of_the_zoo():
        ...     check_model("my_gate", height=32, width=32)
    """
    results = list(outcomes(name, height=height, width=width))
    failed = [outcome for outcome in results if outcome.error]
    if failed:
        details = [f"{outcome.promise}\n{outcome.error}".replace("\n", "\n    ") for outcome in failed]
        raise PluginError(f"{name} fails {len(failed)} of {len(results)} checks:\n  " + "\n  ".join(details))
