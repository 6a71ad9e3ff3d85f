"""Reports of evaluations and comparisons: one HTML page without any outside request, and the same as Markdown."""

from zoo.reports.comparison_report import comparison_report, write_comparison_report
from zoo.reports.evaluation_report import evaluation_report
from zoo.reports.mistakes import Mistake
from zoo.reports.report import Report
from zoo.reports.write_report import write_evaluation_report

__all__ = [
    "Mistake",
    "Report",
    "comparison_report",
    "evaluation_report",
    "write_comparison_report",
    "write_evaluation_report",
]
