"""The page of an audit: one HTML file that can be cited, printed and read anywhere, without scripts or requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo.auditing.audit import Audit
from zoo.auditing.audit_findings import Finding
from zoo.auditing.leak_worth_table import worth_rows
from zoo.auditing.wording import how_links_were_found, how_worth_was_measured, verdict, worth_of_leak
from zoo.data.split.split import PARTS
from zoo.reports.report import render_page


def audit_page(audit: Audit) -> str:
    """Return the page of an audit. Every text from the data is escaped."""
    return render_page(
        "audit",
        {
            "title": f"Audit of {audit.name}",
            "split": audit.split,
            "state": "bad" if audit.leaks else "unsure" if audit.may_leak else "good",
            "verdict": verdict(audit),
            "facts": _facts(audit),
            "parts": _parts(audit),
            "findings": [_finding(finding) for finding in audit.findings],
            "worth": worth_of_leak(audit.worth) if audit.worth else "",
            "worth_rows": worth_rows(audit.worth) if audit.worth else [],
            "how_worth": how_worth_was_measured(audit.worth) if audit.worth else [],
            "not_measured": audit.not_measured,
            "how_links": how_links_were_found(audit),
            "citation": f"Audit of {audit.name} ({audit.split}). histozoo {audit.version}, {audit.date}, "
            f"data {audit.fingerprint[:16]}.",
        },
    )


def _facts(audit: Audit) -> list[tuple[str, str]]:
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
    return [(name, value) for name, value in rows if value]


def _parts(audit: Audit) -> Mapping[str, Any]:
    """Return the table of images and patients by part."""
    caption = "Images of each class, and patients, by part"
    if audit.val_as_test:
        caption += "; the test part is called validation in the table"
    rows = []
    for part in PARTS:
        counts = [f"{audit.images[part][name]:,}" for name in audit.classes]
        rows.append([part, *counts, *(f"{groups[part]:,}" for groups in audit.groups.values())])
    columns = ["part", *audit.classes, *(f"{name}s" for name in audit.groups)]
    return {
        "caption": caption,
        "columns": columns,
        "rows": rows,
        "numbers": list(range(1, len(columns))),
        "whole_words": False,
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    """Return one finding with its examples; those of one column are a list of names, others a table."""
    more = finding.count - len(finding.examples)
    return {
        "harm": finding.harm,
        "title": finding.title,
        "explanation": finding.explanation,
        "names": [name for (name,) in finding.examples] if len(finding.columns) == 1 else [],
        "more": more,
        "table": {
            "caption": f"{len(finding.examples)} of {finding.count:,}" if more > 0 else "All of them",
            "columns": finding.columns,
            "rows": finding.examples if len(finding.columns) > 1 else (),
            "whole_words": False,
            "numbers": [
                place
                for place in range(1, len(finding.columns))
                if all(_is_number(row[place]) for row in finding.examples)
            ],
        },
    }


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(",", "").isdigit()
