"""`zoo predict`: predict the class of images."""

from __future__ import annotations

import click

from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import device_option, json_option, model_argument


@click.command("predict")
@model_argument
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@device_option
@json_option
def command(model: str, paths: tuple[str, ...], device: str, as_json: bool) -> None:
    """Predict the class of images, with the probability of each class.

    MODEL is a run folder, a bundle folder or a Hub id such as you/dala-breakhis-40x; PATHS are image files.
    """
    from zoo.classifier import from_pretrained
    from zoo.device import choose_device

    classifier = from_pretrained(model).to(choose_device(device))
    predictions = classifier.predict(list(paths))
    if as_json:
        documents = [
            {"path": path, "label": prediction.label, "probabilities": dict(prediction.probabilities)}
            for path, prediction in zip(paths, predictions, strict=True)
        ]
        print_json(documents)
        return
    rows = [
        [path, prediction.label, *(f"{value:.3f}" for value in prediction.probabilities.values())]
        for path, prediction in zip(paths, predictions, strict=True)
    ]
    print_table(["image", "label", *classifier.classes], rows, right=classifier.classes)
