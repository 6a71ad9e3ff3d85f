"""Audits of a data set and its split: what leaks from training to test, and what that is worth."""

from zoo.auditing.audit import Audit, audit

__all__ = ["Audit", "audit"]
