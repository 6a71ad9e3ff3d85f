"""`zoo data inspect`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output.printing import print_facts, print_json, print_table
from zoo.cli.output.progress import make_reporter
from zoo.cli.shared_options import json_option, source_options
from zoo.config.plain import plain
from zoo.text import cut_short

if TYPE_CHECKING:
    from zoo.data.inspection import Findings
    from zoo.data.inspection.split_preview import SplitPreview

SHOWN = 6
"""Names that are printed of a long list; --json has all."""


@click.command("inspect")
@click.argument("path", type=click.Path())
@source_options
@json_option
def command(path: str, data: str | None, options: Mapping[str, str], as_json: bool) -> None:
    """Look at a data set before training on it.

    PATH is where the data lie, or `sample`.
    """
    from zoo.data.inspection import inspect
    from zoo.data.source_lookup import find_source, read_manifest
    from zoo.registry import registry

    sources = registry().plugins.sources
    source, place = find_source(data, path, sources) if data else find_source(path, None, sources)
    progress = make_reporter()
    found = inspect(read_manifest(source, root=place, options=options, progress=progress), progress=progress)
    if as_json:
        print_json(plain(found))
        return
    _print(found)


def _print(found: Findings) -> None:
    if found.synthetic:
        click.secho("Synthetic: drawn by a program.", fg="yellow")
    print_facts(
        [
            ("data", f"{found.name} (read as {found.source})"),
            ("images", f"{found.images:,}"),
            ("patients", f"{found.patients:,}" if found.patients is not None else "not known"),
            *((name, _counts(values)) for name, values in found.by_fact.items()),
            ("sizes", _counts(found.sizes)),
            ("formats", _counts(found.formats)),
            ("stain", _stain(found.stain)),
        ]
    )
    rows = [[name, f"{count:,}", str(found.patients_by_class[name])] for name, count in found.by_class.items()]
    print_table(["class", "images", "patients"], rows, right=["images", "patients"])
    for fall in found.splits:
        _print_split(fall)
    _print_findings(found)


def _print_split(fall: SplitPreview) -> None:
    how = "as the data say" if fall.unit == "fixed" else f"by {fall.unit}"
    if fall.error:
        click.echo(f"a split {how} cannot be made: {fall.error}\n")
        return
    classes = list(next(iter(fall.images.values())))
    rows = [
        [part, *(f"{counts[name]:,}" for name in classes), str(fall.patients[part]) if fall.patients else ""]
        for part, counts in fall.images.items()
    ]
    print_table([how, *classes, "patients"], rows, right=[*classes, "patients"])
    click.echo(
        f"  {'leaks: ' + str(fall.leak) if fall.leak else 'no patient is on both sides'}\n" if fall.patients else ""
    )


def _print_findings(found: Findings) -> None:
    """What to look at before training; a clean set says so."""
    groups: list[tuple[str, Iterable[Any]]] = [
        ("unreadable", [f"{key!r}: {reason}" for key, reason in found.unreadable.items()]),
        ("tiny (a side under 32 pixels)", [repr(key) for key in found.tiny]),
        ("several frames, of which the first is read", [repr(key) for key in found.several_frames]),
        ("identical files", [" = ".join(map(repr, group)) for group in found.identical_files]),
        ("same picture in several classes", [" = ".join(map(repr, group)) for group in found.identical_across_classes]),
        (
            "same picture of several patients",
            [" = ".join(map(repr, group)) for group in found.identical_across_patients],
        ),
        ("patients with several classes", list(found.patients_with_several_classes)),
    ]
    clean = True
    for title, lines in groups:
        shown = list(lines)
        if shown:
            clean = False
            click.echo(f"{title}: {len(shown)}")
            click.echo(
                "  " + cut_short(shown, SHOWN, separator="\n  ") + (" (--json lists all)" * (len(shown) > SHOWN))
            )
    if clean:
        click.echo("every file opens; nothing tiny, nothing twice")


def _counts(values: Mapping[str, int]) -> str:
    return cut_short([f"{name} ({count:,})" for name, count in values.items()], 8)


def _stain(stain: Mapping[str, Mapping[str, float]]) -> str:
    return "\n".join(
        f"{dye}: mean optical density {facts['mean']:.2f}, spread between images {facts['between_images']:.2f}"
        + (f", between patients {facts['between_patients']:.2f}" if "between_patients" in facts else "")
        for dye, facts in stain.items()
    )
