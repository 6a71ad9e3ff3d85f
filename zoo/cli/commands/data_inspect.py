"""`zoo data inspect`: check a data set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.completion import complete_recipe
from zoo.cli.output.tables import print_facts, print_json, print_table
from zoo.cli.shared_options import data_options, json_option
from zoo.config.plain import plain
from zoo.data.patient_names import equal_names
from zoo.progress import command_reporter
from zoo.text import cut_short

if TYPE_CHECKING:
    from zoo.config.recipe import Recipe
    from zoo.data.inspection import Findings
    from zoo.data.inspection.split_preview import SplitPreview

MAX_LISTED = 6
"""How many items of a long list are printed; --json has all."""
MOST_COUNTS = 8
"""How many values of a fact are printed on its line."""


@click.command("inspect")
@click.argument("path", type=click.Path())
@data_options("data", "options", without_data="the layout of PATH decides")
@click.option(
    "--recipe",
    default="modern",
    show_default=True,
    shell_complete=complete_recipe,
    help="The recipe with the shares of the training, validation and test parts.",
)
@json_option
def command(path: str, data: str | None, options: Mapping[str, str], recipe: str, as_json: bool) -> None:
    """Check a data set before training on it.

    Counts images and patients by class, reports unreadable, tiny, identical and near-identical images, measures the
    stain, and shows how a recipe would split the data. PATH is the folder or CSV file with the data, or `sample`.
    """
    from zoo.data.inspection import inspect
    from zoo.data.source_lookup import find_source_at, read_manifest
    from zoo.registry import registry

    chosen = registry().recipe(recipe)
    source, root = find_source_at(path, data, registry().plugins.sources)
    progress = command_reporter()
    manifest = read_manifest(source, root=root, options=options, progress=progress)
    findings = inspect(manifest, progress=progress, fractions=chosen.fractions)
    if as_json:
        print_json(plain(findings))
        return
    _print_inspection(findings, chosen)


def _print_inspection(findings: Findings, recipe: Recipe) -> None:
    """Print facts, classes, possible splits and problems of a data set."""
    if findings.synthetic:
        click.secho("Synthetic: drawn by a program.", fg="yellow")
    print_facts(
        [
            ("data", f"{findings.name} (read as {findings.source})"),
            ("images", f"{findings.images:,}"),
            ("patients", f"{findings.patients:,}" if findings.patients is not None else "unknown"),
            *((name, _counts(values)) for name, values in findings.by_fact.items()),
            ("sizes", _counts(findings.sizes)),
            ("formats", _counts(findings.formats)),
            ("stain", _stain(findings.stain)),
            ("positive class", _positive(findings)),
        ]
    )
    rows = [[name, f"{count:,}"] for name, count in findings.by_class.items()]
    if findings.patients is None:
        print_table(["class", "images"], rows, right=["images"])
    else:
        rows = [[*row, f"{findings.patients_by_class[row[0]]:,}"] for row in rows]
        print_table(["class", "images", "patients"], rows, right=["images", "patients"])
    default, *others = sorted(findings.splits, key=lambda preview: preview.unit != recipe.split)
    shares = f" ({'/'.join(f'{100 * share:.3g}' for share in recipe.fractions)}, seed 0)"
    fixed = default.unit == "fixed"
    click.echo(f"how zoo train --recipe {recipe.name} would split these images{'' if fixed else shares}:")
    _print_split(default, unknown_patients=findings.unknown_patients)
    if others:
        click.echo(f"and if you asked for another split{shares if fixed else ''}:")
    for preview in others:
        _print_split(preview, option=f"--split {preview.unit}")
    _print_problems(findings)


def _print_split(preview: SplitPreview, option: str = "", *, unknown_patients: str | None = None) -> None:
    """Print how many images and patients each part of one split would have, and the option that asks for it."""
    split = _split(preview)
    if preview.error:
        click.echo(f"a split {split} is not possible: {preview.error}\n")
        return
    classes = list(next(iter(preview.images.values())))
    columns = [*classes, "patients"] if preview.patients else classes
    rows = [
        [part, *(f"{counts[name]:,}" for name in classes), *_patients(preview, part)]
        for part, counts in preview.images.items()
    ]
    print_table([split, *columns], rows, right=columns)
    if preview.leak:
        click.echo(f"  {f'with {option}, this split' if option else 'this split'} leaks: {preview.leak}\n")
    elif preview.patients:
        click.echo("  no patient of the test part is in another part\n")
    elif unknown_patients and preview.unit == "image":
        click.echo(f"  {unknown_patients}\n")
    else:
        click.echo()


def _patients(preview: SplitPreview, part: str) -> list[str]:
    return [f"{preview.patients[part]:,}"] if preview.patients else []


def _split(preview: SplitPreview) -> str:
    return "given by the data" if preview.unit == "fixed" else f"by {preview.unit}"


def _print_problems(findings: Findings) -> None:
    """Print the problems to look at before training, or that there are none."""
    groups: list[tuple[str, Iterable[Any]]] = [
        ("without a patient", [repr(key) for key in findings.without_patient]),
        (
            "patients whose name is written in several ways, which are taken for one",
            equal_names(findings.patients_with_several_names),
        ),
        ("unreadable", [f"{key!r}: {reason}" for key, reason in findings.unreadable.items()]),
        ("tiny (a side under 32 pixels)", [repr(key) for key in findings.tiny]),
        ("several frames (only the first is read)", [repr(key) for key in findings.several_frames]),
        ("identical files", [" = ".join(map(repr, group)) for group in findings.identical_files]),
        (
            "identical images in several classes",
            [" = ".join(map(repr, group)) for group in findings.identical_across_classes],
        ),
        (
            "identical images of several patients",
            [" = ".join(map(repr, group)) for group in findings.identical_across_patients],
        ),
        ("near-identical images", [" ~ ".join(map(repr, pair)) for pair in findings.near_identical]),
        (
            "near-identical images of several patients",
            [" ~ ".join(map(repr, pair)) for pair in findings.near_identical_across_patients],
        ),
        (
            "blank images, or with a side under 16 pixels (not searched for copies)",
            [repr(key) for key in findings.blank],
        ),
        (
            "patients with several classes (usual for patches of one slide, wrong if a patient has one diagnosis)",
            list(findings.patients_with_several_classes),
        ),
        (
            "parts that are too small",
            [f"split {_split(preview)}: {sentence}" for preview in findings.splits for sentence in preview.small],
        ),
    ]
    clean = True
    for title, lines in groups:
        items = list(lines)
        if items:
            clean = False
            click.echo(f"{title}: {len(items)}")
            click.echo(
                "  "
                + cut_short(items, MAX_LISTED, separator="\n  ")
                + (" (--json lists all)" * (len(items) > MAX_LISTED))
            )
    if clean:
        click.echo(
            "no problems: all images are readable, none is tiny, none occurs twice or nearly so, and no part is too "
            "small"
        )


def _counts(values: Mapping[str, int]) -> str:
    """Return names with their counts as one line."""
    number = f"{len(values)} different: " if len(values) > MOST_COUNTS else ""
    return number + cut_short([f"{name} ({count:,})" for name, count in values.items()], MOST_COUNTS)


def _positive(findings: Findings) -> str:
    """Return which of two classes is the positive one, and what that decides; empty for more classes."""
    classes = list(findings.by_class)
    if len(classes) != 2:
        return ""
    return f"{classes[-1]}: precision, recall and F1 are those of this class, and --threshold is for its probability"


def _stain(stain: Mapping[str, Mapping[str, float]]) -> str:
    """Return the optical density of each dye, one per line."""
    return "\n".join(
        f"{dye}: mean optical density {facts['mean']:.3f}, spread between images {facts['between_images']:.3f}"
        + (f", between patients {facts['between_patients']:.3f}" if "between_patients" in facts else "")
        for dye, facts in stain.items()
    )
