"""`zoo data audit`: what leaks from training to test, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.completion import complete_model
from zoo.cli.config_options import GroupedCommand, GroupedOption, config_options, given_options
from zoo.cli.output.tables import print_facts, print_json, print_table
from zoo.cli.shared_options import data_options, json_option
from zoo.config.plain import plain
from zoo.config.train_config import keywords
from zoo.data.split.split import PARTS
from zoo.progress import command_reporter

if TYPE_CHECKING:
    from zoo.auditing import Audit
    from zoo.auditing.audit_findings import Finding

TRAINING = (
    *("recipe", "epochs", "batch_size", "height", "width", "init", "select", "optimizer", "lr", "schedule"),
    *("augment", "mixing", "sampling", "class_weights", "device", "precision", "tolerate"),
)
"""The options of the trainings with and without the leak."""
WITH_TRAIN = "with --train"
"""The heading of these options."""
COLORS = {"leak": "red", "possible leak": "yellow"}
MAX_PRINTED = 4
"""How many examples of a finding are printed; --json and --html have more."""


@click.command("audit", cls=GroupedCommand)
@click.argument("path", type=click.Path())
@data_options("data", "options", without_data="the layout of PATH decides")
@click.option(
    "--split",
    cls=GroupedOption,
    group="data",
    metavar="SPLIT",
    help="The split: auto, patient, image or fixed as in `zoo train`; a run; or a CSV file with the column part, and "
    "one for the image (path or key) or the patient (patient, case or slide).  [default: that of the run, or auto]",
)
@click.option(
    "--seed",
    cls=GroupedOption,
    group="data",
    type=int,
    default=0,
    show_default=True,
    help="Seed of the split and the training.",
)
@click.option(
    "--clean",
    cls=GroupedOption,
    group="output",
    type=click.Path(path_type=Path),
    help="Write the split without the training images that leak, for --split-file.",
)
@click.option(
    "--html",
    cls=GroupedOption,
    group="output",
    type=click.Path(path_type=Path),
    help="Write the audit as one HTML page.",
)
@click.option(
    "--strict",
    cls=GroupedOption,
    group="output",
    is_flag=True,
    help="End with status 1 if the split leaks or might leak.",
)
@json_option
@click.option(
    "--train",
    cls=GroupedOption,
    group=WITH_TRAIN,
    metavar="MODEL",
    shell_complete=complete_model,
    help="Train this model with the leak and without it, to measure what the leak is worth.",
)
@click.option(
    "--trainings",
    cls=GroupedOption,
    group=WITH_TRAIN,
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="How often each of the two is trained.",
)
@config_options([keywords()[name][1] for name in TRAINING], group=WITH_TRAIN)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    path: str,
    data: str | None,
    options: Mapping[str, str],
    split: str | None,
    seed: int,
    clean: Path | None,
    html: Path | None,
    strict: bool,
    as_json: bool,
    train: str | None,
    trainings: int,
    **_: Any,
) -> int:
    """Find what leaks from the training part of a split to its test part, and measure what that is worth.

    PATH is the folder or CSV file with the data, `sample`, or a run. Without --split, the split is that of the run, or
    the one that `zoo train` would make. Patients and cases on two sides, identical and near-identical images, images
    with contradicting labels, and classes with too few patients are listed, the most harmful first.
    """
    from zoo.auditing import audit
    from zoo.auditing.audit_page import audit_page
    from zoo.files import refuse_existing, write_text

    if html is not None:
        refuse_existing(html, hint="choose another file with --html")
    settings = given_options(ctx, TRAINING)
    if settings and train is None:
        raise click.UsageError(f"--{next(iter(settings)).replace('_', '-')} is only for --train MODEL")
    found = audit(
        path,
        source=data,
        options=options,
        split=split,
        seed=seed,
        train=train,
        trainings=trainings,
        settings=settings,
        clean=clean,
        progress=command_reporter(),
    )
    if html is not None:
        write_text(html, audit_page(found))
    if as_json:
        print_json(plain(found))
    else:
        _print_audit(found, trained=train is not None, clean=clean, html=html)
    return 1 if strict and (found.leaks or found.may_leak) else 0


def _print_audit(audit: Audit, *, trained: bool, clean: Path | None, html: Path | None) -> None:
    """Print the verdict, the split, the findings and what the leak is worth."""
    from zoo.auditing.leak_worth_table import worth_rows
    from zoo.auditing.wording import how_worth_was_measured, verdict, worth_of_leak

    if audit.synthetic:
        click.secho("Synthetic: drawn by a program.", fg="yellow")
    click.secho(verdict(audit), fg="red" if audit.leaks else "yellow" if audit.may_leak else "green")
    if audit.worth:
        click.echo(worth_of_leak(audit.worth))
    elif trained:
        click.echo(f"What a leak is worth was not measured: {audit.not_measured}.")
    click.echo()
    groups = ", ".join(f"{counts['all']:,} {name}s" for name, counts in audit.groups.items())
    print_facts(
        [
            ("data", f"{audit.name} (read as {audit.source})"),
            ("split", audit.split + (": its validation part is taken for the test part" if audit.val_as_test else "")),
            ("in the data", groups or "patients are not known"),
        ]
    )
    columns = ["part", *audit.classes, *(f"{name}s" for name in audit.groups)]
    print_table(
        columns,
        [
            [
                part,
                *(f"{audit.images[part][name]:,}" for name in audit.classes),
                *(f"{counts[part]:,}" for counts in audit.groups.values()),
            ]
            for part in PARTS
        ],
        right=columns[1:],
    )
    for finding in audit.findings:
        _print_finding(finding)
    if audit.worth:
        heading, *rows = worth_rows(audit.worth)
        print_table(heading, rows, right=heading[1:4])
        for line in how_worth_was_measured(audit.worth):
            click.echo(line)
        click.echo()
    for place in (clean, html):
        if place is not None:
            click.echo(f"Saved to {place}")


def _print_finding(finding: Finding) -> None:
    """Print one finding with a few examples."""
    click.echo(click.style(finding.harm, fg=COLORS.get(finding.harm), bold=True) + f": {finding.title}")
    click.echo(f"  {finding.explanation}")
    for row in finding.examples[:MAX_PRINTED]:
        click.echo("    " + ", ".join(f"{name} {cell}" for name, cell in zip(finding.columns, row, strict=True)))
    more = finding.count - min(len(finding.examples), MAX_PRINTED)
    if finding.examples and more > 0:
        click.echo(f"    and {more:,} more")
    click.echo()
