"""What the zoo promises of every network, as checks that say what to do when one fails."""

from __future__ import annotations

from collections.abc import Callable

from zoo.testing.build_checks import (
    builds_every_choice,
    builds_from_the_seed,
    builds_without_access,
    has_declared_parameters,
    takes_other_classes,
)
from zoo.testing.case import Subject
from zoo.testing.declaration_checks import (
    declares_sane_preprocessing,
    names_its_pretrained_weights,
    options_survive_json,
    registers_without_torch,
)
from zoo.testing.forward_checks import gives_logits, ignores_neighbours, is_deterministic, takes_another_size
from zoo.testing.lifecycle_checks import bundle_comes_back, has_activation_map, trains_every_parameter

Check = Callable[[Subject], None]

CHECKS: tuple[Check, ...] = (
    registers_without_torch,
    declares_sane_preprocessing,
    names_its_pretrained_weights,
    options_survive_json,
    builds_without_access,
    builds_from_the_seed,
    builds_every_choice,
    has_declared_parameters,
    gives_logits,
    is_deterministic,
    ignores_neighbours,
    takes_another_size,
    takes_other_classes,
    trains_every_parameter,
    bundle_comes_back,
    has_activation_map,
)
