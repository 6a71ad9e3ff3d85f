"""`zoo predict`: predict the class of images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output.novelty_document import novelty_document
from zoo.cli.output.tables import print_json_list, print_table
from zoo.cli.shared_options import (
    answer_options,
    device_option,
    json_option,
    models_and_paths_argument,
    revision_option,
)
from zoo.text import counted

if TYPE_CHECKING:
    from zoo.batch_prediction import ImagePrediction
    from zoo.batch_prediction.ensemble import Ensemble

MAX_PRINTED = 200
"""With more images than this, the terminal shows how many are of each class, and not a row for each."""

FEW = 20
"""No progress is shown for so few images."""


@click.command("predict")
@models_and_paths_argument
@click.option(
    "--csv",
    type=click.Path(path_type=Path),
    help="Write a row for each image to this CSV file: path, predicted, p_CLASS for each class, possible (with "
    "--coverage), novelty and unlike_training (if the model has a detector), error.",
)
@click.option("--parquet", type=click.Path(path_type=Path), help="Write the same table to this Parquet file.")
@answer_options
@click.option("--symmetries", is_flag=True, help="Average over the rotations and reflections of each image.")
@click.option(
    "--batch-size", type=click.IntRange(min=1), help="Images per batch; by default 32, and on a GPU by their size."
)
@device_option
@json_option
@revision_option
def command(
    models_and_paths: tuple[str, ...], csv: Path | None, parquet: Path | None, as_json: bool, **options: Any
) -> int:
    """Predict the class of images, with the probability of each class.

    MODEL is a run folder, a bundle folder or a Hub id such as you/dala-breakhis-40x; the class probabilities of several
    models are averaged. PATH is an image file, a folder of images, or a pattern such as 'slides/**/*.png'.

    An image that cannot be read is reported and does not stop the others; the exit status is then 1. A table that was
    interrupted is continued by the same command.
    """
    from zoo.batch_prediction.model_arguments import split_models_and_paths

    if sum((csv is not None, parquet is not None, as_json)) > 1:
        raise click.UsageError("choose one of --csv, --parquet and --json")
    models, paths = split_models_and_paths(models_and_paths)
    if table := csv or parquet:
        failed = _write_table(models, paths, table, parquet=parquet is not None, **options)
    else:
        failed = _print_predictions(models, paths, as_json=as_json, **options)
    return 1 if failed else 0


def _write_table(models: Sequence[str], paths: Sequence[str], table: Path, **options: Any) -> int:
    """Write a table, and return how many images could not be predicted."""
    from zoo.batch_prediction.write_table import write_predictions_table
    from zoo.distributed.rank import is_chief
    from zoo.progress import command_reporter

    written = write_predictions_table(models, paths, table, progress=command_reporter(), **options)
    if is_chief():
        click.echo(f"Saved the predictions for {counted(written.images - written.failed, 'image')} to {table}")
        if written.failed:
            click.echo(
                f"{counted(written.failed, 'image')} could not be predicted: the column error says why", err=True
            )
    return written.failed


def _print_predictions(models: Sequence[str], paths: Sequence[str], *, as_json: bool, **options: Any) -> int:
    """Print the predictions, and return how many images could not be predicted."""
    from zoo.batch_prediction import ImagePaths, make_ensemble, predict_files
    from zoo.progress import Silent, command_reporter

    batch_size, images = options.pop("batch_size"), ImagePaths.of(paths)
    count, _ = images.count()
    ensemble = make_ensemble(models, **options)
    failed = stacks = 0
    reporter = command_reporter() if count > FEW else Silent()
    with reporter.track("predicting", count, "images") as task:

        def rows() -> Iterator[ImagePrediction]:
            nonlocal failed, stacks
            for row in predict_files(ensemble, images, batch_size=batch_size):
                task.advance()
                stacks += row.only_first
                if row.prediction is None:
                    failed += 1
                    click.echo(f"{row.path}: {row.error}", err=True)
                yield row

        if as_json:
            print_json_list(map(_document, rows()))
            _print_notes(ensemble, stacks)
            return failed
        if count > MAX_PRINTED:
            labels = Counter(row.prediction.answer for row in rows() if row.prediction)
        else:
            predicted = [(row.path, row.prediction) for row in rows() if row.prediction]
    if count > MAX_PRINTED:
        print_table(
            ["label", "images"], [[name, f"{images:,}"] for name, images in labels.most_common()], right=["images"]
        )
        click.echo("--csv FILE writes a row for each image")
    elif predicted:
        classes = list(predicted[0][1].probabilities)
        cells = [
            [str(path), prediction.answer, *(f"{value:.3f}" for value in prediction.probabilities.values())]
            for path, prediction in predicted
        ]
        print_table(["image", "label", *classes], cells, right=classes)
    _print_notes(ensemble, stacks)
    return failed


def _print_notes(ensemble: Ensemble, stacks: int) -> None:
    """Print what a reader must know of the answers, on standard error."""
    from zoo.batch_prediction.predict import only_first_pages

    for note in [*ensemble.notes, *([only_first_pages(stacks)] if stacks else [])]:
        click.echo(note, err=True)


def _document(row: ImagePrediction) -> dict[str, Any]:
    """Return one image's prediction or error for a JSON document."""
    if row.prediction is None:
        return {"path": str(row.path), "error": row.error}
    document: dict[str, Any] = {
        "path": str(row.path),
        "label": row.prediction.label,
        "probabilities": dict(row.prediction.probabilities),
        **novelty_document(row.prediction),
    }
    if row.prediction.possible is not None:
        document["possible"] = list(row.prediction.possible)
    if row.only_first:
        document["only_first_page"] = True
    return document
