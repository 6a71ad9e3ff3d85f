"""`zoo explain`: draw the regions of an image that a method marks for a class."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from zoo.cli.completion import complete_explanation_method
from zoo.cli.output.heat_map_scores import check_document, print_checks
from zoo.cli.output.novelty_document import novelty_document
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import (
    device_option,
    json_option,
    models_and_paths_argument,
    revision_option,
)
from zoo.text import counted

if TYPE_CHECKING:
    from zoo.classifier import Classifier, Explanation, ExplanationCheck

MOST_IMAGES = 40


@click.command("explain")
@models_and_paths_argument
@click.option(
    "--method",
    default="grad-cam",
    show_default=True,
    metavar="NAME",
    shell_complete=complete_explanation_method,
    help="grad-cam; dt-gradcam (Otsu's threshold), dt-gradcam-mean (mean + sd), dt-gradcam-quantile (upper fifth); or "
    "the method of a plugin, as `zoo plugins` lists them.",
)
@click.option("--label", help="The class to explain; by default the predicted class of each image.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("heat_maps.png"),
    show_default=True,
    help="The figure: a .png or .svg file.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Check each map: deletion and insertion scores, and the map of a network with random weights.",
)
@click.option("--raw", type=click.Path(path_type=Path), help="A folder for the values of each map, as .npy files.")
@revision_option
@device_option
@json_option
def command(
    models_and_paths: tuple[str, ...],
    method: str,
    label: str | None,
    out: Path,
    check: bool,
    raw: Path | None,
    device: str,
    as_json: bool,
) -> None:
    """Draw heat maps: the regions that the method (Grad-CAM by default) marks for a class.

    Whether the prediction depends on these regions: --check.

    MODEL is a run folder, a bundle folder or a Hub id; with several models, the figure has a column for each. PATH is
    an image file, a folder of images, or a pattern such as 'tiles/*.png'; the figure has a row for each image.
    """
    from zoo.batch_prediction.model_arguments import split_models_and_paths
    from zoo.bundle.provenance import SYNTHETIC_ANSWERS
    from zoo.classifier import from_pretrained
    from zoo.classifier.explanation_figure import draw_explanations, save_heat_map
    from zoo.device import choose_device
    from zoo.files import next_free, refuse_existing, write_json
    from zoo.registry import registry

    if out.suffix.lower() not in (".png", ".svg"):
        raise click.UsageError(f"--out must end in .png or .svg, not {out.name!r}")
    models, given = split_models_and_paths(models_and_paths)
    paths = _images(given)
    registry().explanation_method(method)
    refuse_existing(out, hint=f"choose another file: --out {quote(str(next_free(out)))}")
    scores = out.with_suffix(".json")
    if check:
        refuse_existing(scores, hint="choose another file for the figure, with --out")
    chosen = choose_device(device)
    classifiers = [from_pretrained(model).to(chosen) for model in models]
    names = [classifier.config.entry for classifier in classifiers]
    raw_files = [] if raw is None else _raw_files(raw, paths, names)
    for file in raw_files:
        refuse_existing(file, hint="choose another folder with --raw")
    rows = [[classifier.explain(path, method=method, label=label) for classifier in classifiers] for path in paths]
    checks = _check(classifiers, rows) if check else None
    draw_explanations(rows, out, images=[path.name for path in paths], models=names, checks=checks)
    if checks is not None:
        images = [
            {"path": str(path), "maps": list(map(check_document, row))} for path, row in zip(paths, checks, strict=True)
        ]
        write_json(scores, {"models": models, "images": images})
    for file, explanation in zip(raw_files, chain.from_iterable(rows), strict=raw is not None):
        save_heat_map(explanation, file)
    if as_json:
        print_json(
            [
                {
                    "path": str(path),
                    "model": model,
                    "label": explanation.label,
                    "probabilities": dict(explanation.prediction.probabilities),
                    **novelty_document(explanation.prediction),
                    "figure": str(out),
                    **({"check": check_document(checks[number][column])} if checks is not None else {}),
                }
                for number, (path, row) in enumerate(zip(paths, rows, strict=True))
                for column, (model, explanation) in enumerate(zip(models, row, strict=True))
            ]
        )
    else:
        if checks is not None:
            print_checks(checks, images=[path.name for path in paths], models=models)
        for path, row in zip(paths, rows, strict=True):
            for model, explanation in zip(models, row, strict=True):
                if explanation.prediction.unlike_training:
                    click.echo(f"{path.name}, {model}: {explanation.prediction.answer}")
        click.echo(f"Saved {counted(len(paths), 'image')} with {counted(len(models), 'heat map')} each to {out}")
        if checks is not None:
            click.echo(f"Saved the scores of each map, with their curves, to {scores}")
    if any(classifier.config.trained_on_synthetic for classifier in classifiers):
        click.echo(SYNTHETIC_ANSWERS, err=True)


def _images(given: Sequence[str]) -> list[Path]:
    """Return the images of the paths, which must be at least one and few enough for a figure."""
    from zoo.batch_prediction import ImagePaths
    from zoo.errors import DataError

    paths = list(ImagePaths.of(given))
    if not paths:
        raise DataError("there are no images", where=", ".join(given[:3]))
    if len(paths) > MOST_IMAGES:
        raise click.UsageError(f"{len(paths)} images are too many for one figure; give at most {MOST_IMAGES}.")
    return paths


def _raw_files(folder: Path, paths: Sequence[Path], names: Sequence[str]) -> list[Path]:
    """Return the file for the values of each map: those of all models for the first image, then for the next."""
    return [
        folder / f"{number:02d}-{path.stem}-{column}-{name}.npy"
        for number, path in enumerate(paths)
        for column, name in enumerate(names)
    ]


def _check(classifiers: Sequence[Classifier], rows: Sequence[Sequence[Explanation]]) -> list[list[ExplanationCheck]]:
    """Return the check of every map."""
    from zoo.classifier import check_explanation
    from zoo.progress import command_reporter

    found: list[list[ExplanationCheck]] = []
    with command_reporter().track("checking heat maps", len(rows) * len(classifiers), "maps") as task:
        for row in rows:
            found.append([])
            for classifier, explanation in zip(classifiers, row, strict=True):
                found[-1].append(check_explanation(classifier, explanation))
                task.advance()
    return found
