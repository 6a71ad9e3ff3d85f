"""`zoo data inspect`: check a data set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output.tables import print_facts, print_json, print_table
from zoo.cli.shared_options import data_options, json_option
from zoo.config.plain import plain
from zoo.progress import command_reporter
from zoo.text import cut_short

if TYPE_CHECKING:
    from zoo.data.inspection import Findings
    from zoo.data.inspection.split_preview import SplitPreview

SHOWN = 6
"""How many names of a long list are printed; --json has all."""


@click.command("inspect")
@click.argument("path", type=click.Path())
@data_options("data", "options")
@json_option
def command(path: str, data: str | None, options: Mapping[str, str], as_json: bool) -> None:
    """Check a data set before training on it.

    Counts images and patients by class, reports unreadable, tiny and duplicate images, measures the stain, and shows
    how the data would be split. PATH is the folder or CSV file with the data, or `sample`.
    """
    from zoo.data.inspection import inspect
    from zoo.data.source_lookup import find_source_at, read_manifest
    from zoo.registry import registry

    source, root = find_source_at(path, data, registry().plugins.sources)
    progress = command_reporter()
    found = inspect(read_manifest(source, root=root, options=options, progress=progress), progress=progress)
    if as_json:
        print_json(plain(found))
        return
    _print_inspection(found)


def _print_inspection(found: Findings) -> None:
    """Print facts, classes, possible splits and problems of a data set."""
    if found.synthetic:
        click.secho("Synthetic: drawn by a program.", fg="yellow")
    print_facts(
        [
            ("data", f"{found.name} (read as {found.source})"),
            ("images", f"{found.images:,}"),
            ("patients", f"{found.patients:,}" if found.patients is not None else "unknown"),
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
    """Print how many images and patients each part of one split would have."""
    how = "given by the data" if fall.unit == "fixed" else f"by {fall.unit}"
    if fall.error:
        click.echo(f"a split {how} is not possible: {fall.error}\n")
        return
    classes = list(next(iter(fall.images.values())))
    rows = [
        [part, *(f"{counts[name]:,}" for name in classes), str(fall.patients[part]) if fall.patients else ""]
        for part, counts in fall.images.items()
    ]
    print_table([how, *classes, "patients"], rows, right=[*classes, "patients"])
    if fall.patients:
        leak = f"leaks: {fall.leak}" if fall.leak else "no patient of the test part is in another part"
        click.echo(f"  {leak}\n")
    else:
        click.echo()


def _print_findings(found: Findings) -> None:
    """Print what to look at before training, or that nothing was found."""
    groups: list[tuple[str, Iterable[Any]]] = [
        ("unreadable", [f"{key!r}: {reason}" for key, reason in found.unreadable.items()]),
        ("tiny (a side under 32 pixels)", [repr(key) for key in found.tiny]),
        ("several frames (only the first is read)", [repr(key) for key in found.several_frames]),
        ("identical files", [" = ".join(map(repr, group)) for group in found.identical_files]),
        (
            "identical images in several classes",
            [" = ".join(map(repr, group)) for group in found.identical_across_classes],
        ),
        (
            "identical images of several patients",
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
        click.echo("every image can be read; none is tiny, none is there twice")


def _counts(values: Mapping[str, int]) -> str:
    """Return names with their counts as one line."""
    return cut_short([f"{name} ({count:,})" for name, count in values.items()], 8)


def _stain(stain: Mapping[str, Mapping[str, float]]) -> str:
    """Return the optical density of each dye, one in each line."""
    return "\n".join(
        f"{dye}: mean optical density {facts['mean']:.2f}, spread between images {facts['between_images']:.2f}"
        + (f", between patients {facts['between_patients']:.2f}" if "between_patients" in facts else "")
        for dye, facts in stain.items()
    )
