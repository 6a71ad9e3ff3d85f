"""`zoo export`: export a trained model to a file that runs without histozoo."""

from __future__ import annotations

from pathlib import Path

import click

from zoo.cli.completion import complete_exporter
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option, model_argument, revision_option
from zoo.exporting import EXPORTERS
from zoo.progress import command_reporter
from zoo.text import storage_size


@click.command("export")
@model_argument
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help=f"The file to write; its suffix is the format: "
    f"{', '.join(f'{exporter.suffix} ({exporter.title})' for exporter in EXPORTERS)}, "
    "or that of a plugin.",
)
@click.option(
    "--format",
    "name",
    shell_complete=complete_exporter,
    help="The format, where several have the same suffix.",
)
@revision_option
@json_option
def command(model: str, out: Path, name: str | None, as_json: bool) -> None:
    """Export a trained model to one file that runs without histozoo, and check that it gives the same.

    MODEL is a run folder, a bundle folder or a Hub id. The file takes any number of preprocessed images, returns their
    logits and probabilities, and contains the names of the classes and the preprocessing. It is kept only if it agrees
    with the model, on the images saved with the weights and in batches of 1, 2 and 7.
    """
    from zoo.exporting.export import export

    exported = export(model, out, format=name, progress=command_reporter())
    exporter, difference = exported.exporter, exported.largest_difference
    if as_json:
        print_json(
            {
                "file": str(exported.path),
                "format": exporter.name,
                "bytes": exported.size,
                "largest_difference": {"logits": difference.logits, "probabilities": difference.probabilities},
            }
        )
        return
    click.echo(f"Saved {exported.path} ({exporter.title}, {storage_size(exported.size)})")
    click.echo(
        f"Run with {exporter.runs_with}, it gives what the model gives, on the images saved with the weights and in "
        f"batches of 1, 2 and 7; largest difference: {difference.logits:.1e} of a logit, "
        f"{difference.probabilities:.1e} of a probability"
    )
