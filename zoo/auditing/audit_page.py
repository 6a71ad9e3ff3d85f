"""The page of an audit: one HTML file that can be cited, printed and read anywhere, without scripts or requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from zoo.auditing.audit import Audit
from zoo.auditing.audit_findings import Finding
from zoo.auditing.leak_worth_table import worth_rows
from zoo.auditing.page_style import STYLE
from zoo.auditing.wording import how_links_were_found, how_worth_was_measured, verdict, worth_of_leak
from zoo.data.split.split import PARTS

HARM = {
    "leak": "Leak",
    "possible leak": "Possible leak",
    "weakness": "Weakness",
    "note": "Note",
}


def audit_page(audit: Audit) -> str:
    """Return the page of an audit. Every text from the data is escaped."""
    title = f"Audit of {audit.name}"
    state = "bad" if audit.leaks else "unsure" if audit.possibly_leaking else "good"
    body = [
        f"<header><p class=kind>Data audit</p><h1>{escape(title)}</h1><p class=method>{escape(audit.split)}</p>",
        f'<p class="verdict {state}">{escape(verdict(audit))}</p>',
        f"<p class=worth>{escape(worth_of_leak(audit.worth))}</p>" if audit.worth else "",
        _facts(audit),
        "</header>",
        _section("The split", _split(audit)),
        _section("Findings", "".join(map(_finding, audit.findings)) or "<p>Nothing was found.</p>"),
        _section("What the leak is worth", _worth(audit)),
        _section("How it was done", _paragraphs(how_links_were_found(audit))),
        f"<footer>{_cite(audit)}</footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style></head>\n<body><main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main></body></html>\n"
    )


def _facts(audit: Audit) -> str:
    """Return the facts about the audit: data, numbers, date and version."""
    options = ", ".join(f"{name} = {value}" for name, value in audit.options.items())
    groups = ", ".join(f"{counts['all']:,} {name}s" for name, counts in audit.groups.items())
    images = sum(sum(counts.values()) for counts in audit.images.values())
    rows = [
        ("Data", f"{audit.name} (read as {audit.source}{'; ' + options if options else ''})"),
        ("Synthetic", "drawn by a program, not tissue" if audit.synthetic else ""),
        ("Images", f"{images:,} in the split" + (f"; {groups} in the data" if groups else "; patients are not known")),
        ("Fingerprint", audit.fingerprint[:16]),
        ("Date", audit.date),
        ("Made with", f"histozoo {audit.version}"),
    ]
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows if value) + "</dl>"


def _split(audit: Audit) -> str:
    """Return the table of images and patients by part."""
    columns = ["part", *audit.classes, *(f"{name}s" for name in audit.groups)]
    caption = "Images of each class, and patients, by part"
    if audit.val_as_test:
        caption += "; the test part is called validation in the table"
    rows = []
    for part in PARTS:
        counts = [f"{audit.images[part][name]:,}" for name in audit.classes]
        rows.append([part, *counts, *(f"{groups[part]:,}" for groups in audit.groups.values())])
    return _table(columns, rows, numbers=range(1, len(columns)), caption=caption)


def _finding(finding: Finding) -> str:
    """Return one finding with its examples."""
    style = finding.harm.replace(" ", "-")
    more = finding.count - len(finding.examples)
    examples = ""
    if finding.examples:
        numbers = [
            place for place in range(1, len(finding.columns)) if all(_is_number(row[place]) for row in finding.examples)
        ]
        caption = f"{len(finding.examples)} of {finding.count:,}" if more > 0 else "All of them"
        examples = _table(finding.columns, finding.examples, numbers=numbers, caption=caption)
    if len(finding.columns) == 1:
        names = ", ".join(f"<code>{escape(name)}</code>" for (name,) in finding.examples)
        examples = f"<p class=names>{names}{f' and {more:,} more' if more > 0 else ''}</p>"
    return (
        f'<article class="{style}"><h3><span class=tag>{HARM[finding.harm]}</span> {escape(_capital(finding.title))}'
        f"</h3><p>{escape(finding.explanation)}</p>{examples}</article>"
    )


def _worth(audit: Audit) -> str:
    """Return the table of both models and how they were trained, or why this was not measured."""
    if audit.worth is None:
        return f"<p>Not measured: {escape(audit.not_measured)}.</p>"
    rows = worth_rows(audit.worth)
    table = _table(rows[0], rows[1:], numbers=(1, 2, 3), caption="Both models on the same test images")
    return f"<p class=strong>{escape(worth_of_leak(audit.worth))}</p>{table}" + _paragraphs(
        how_worth_was_measured(audit.worth)
    )


def _cite(audit: Audit) -> str:
    """Return how to cite the page."""
    text = (
        f"Audit of {audit.name} ({audit.split}). histozoo {audit.version}, {audit.date}, data {audit.fingerprint[:16]}."
    )
    return f"<p><b>Cite as</b> {escape(text)}</p>"


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = (), caption: str = ""
) -> str:
    """Return a table; the columns with these numbers are aligned to the right."""
    style = dict.fromkeys(numbers, " class=number")

    def cells(tag: str, row: Sequence[str]) -> str:
        inner = "".join(f"<{tag}{style.get(place, '')}>{escape(cell)}</{tag}>" for place, cell in enumerate(row))
        return f"<tr>{inner}</tr>"

    lines = "".join(cells("td", row) for row in rows)
    heading = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f"<div class=scroll><table>{heading}<thead>{cells('th', columns)}</thead><tbody>{lines}</tbody></table></div>"
    )


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(",", "").isdigit()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
