"""The conformance kit: `check_model("name")` in a test of your package, or `zoo verify name`."""

from zoo.testing.augmentation_checks import augmentation_outcomes, check_augmentation
from zoo.testing.conformance import check_model, outcomes
from zoo.testing.outcomes import Outcome

__all__ = ["Outcome", "augmentation_outcomes", "check_augmentation", "check_model", "outcomes"]
