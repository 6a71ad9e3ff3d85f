"""The conformance kit: `check_model("name")` and the like in a test of your package, or `zoo verify name`."""

from zoo.testing.augmentation_checks import augmentation_outcomes, check_augmentation
from zoo.testing.command_checks import check_command, command_outcomes
from zoo.testing.conformance import bundle_outcomes, check_model, outcomes
from zoo.testing.explanation_checks import check_explanation_method, explanation_outcomes
from zoo.testing.exporter_checks import check_exporter, exporter_outcomes
from zoo.testing.measure_checks import check_measure, measure_outcomes
from zoo.testing.outcomes import Outcome

__all__ = [
    "Outcome",
    "augmentation_outcomes",
    "bundle_outcomes",
    "check_augmentation",
    "check_command",
    "check_explanation_method",
    "check_exporter",
    "check_measure",
    "check_model",
    "command_outcomes",
    "explanation_outcomes",
    "exporter_outcomes",
    "measure_outcomes",
    "outcomes",
]
