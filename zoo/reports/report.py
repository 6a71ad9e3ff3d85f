"""A report as HTML and as Markdown, rendered from templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.bundle.card.markdown import plain as markdown_text
from zoo.files import write_text
from zoo.metrics.number_text import decimal, interval_text
from zoo.runs import REPORT
from zoo.text import percent, probability_percent

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report in two formats."""

    html: str
    markdown: str

    def write(self, folder: Path) -> None:
        """Write report.html and report.md."""
        write_text(folder / REPORT, self.html)
        write_text(folder / "report.md", self.markdown)


def render(name: str, values: Mapping[str, Any]) -> Report:
    """Return the report that the templates NAME.html and NAME.md make of these values, which they escape."""
    return Report(
        html=render_page(name, values),
        markdown=_environment("md").get_template(f"{name}.md").render(values),
    )


def render_page(name: str, values: Mapping[str, Any]) -> str:
    """Return the page that the template NAME.html makes of these values, which it escapes."""
    return _environment("html").get_template(f"{name}.html").render(values)


@cache
def _environment(kind: str) -> Environment:
    """Return the environment of HTML or Markdown templates; a missing value is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=kind == "html",  # noqa: S701  # Markdown is escaped by `finalize`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # values come from files and bundles, so that in Markdown they are escaped too
        finalize=None if kind == "html" else _escaped,
    )
    environment.filters["number"] = decimal
    environment.filters["interval"] = interval_text
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.filters["capitalized"] = lambda text: f"{text[:1].upper()}{text[1:]}"
    environment.filters["percent"] = percent
    environment.filters["probability"] = probability_percent
    return environment


def _escaped(value: object) -> object:
    """Return text without special meaning in Markdown."""
    return markdown_text(value) if isinstance(value, str) else value
