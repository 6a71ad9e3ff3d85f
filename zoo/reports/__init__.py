"""Reports of an evaluation: one HTML page without any outside request, and the same as Markdown."""

from zoo.reports.evaluation_report import Mistake, evaluation_report
from zoo.reports.report import Report

__all__ = ["Mistake", "Report", "evaluation_report"]
