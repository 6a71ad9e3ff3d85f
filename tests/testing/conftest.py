"""The fixture that the tests of the conformance kit share."""

from __future__ import annotations

from tests.testing.wrong import third_party

__all__ = ["third_party"]
