"""The conformance kit: `check_model("name")` in a test of your package, or `zoo verify name`."""

from zoo.testing.conformance import Outcome, check_model, outcomes

__all__ = ["Outcome", "check_model", "outcomes"]
