"""Fit the simple model beside finished runs again, where an earlier version of histozoo fitted it in another way.

python benchmarks/refit_baseline.py runs/benchmark-idc/attention [GRID ...]

The networks and their predictions stay, and no weights are needed. In each run the simple model's part of metrics.json
and its columns of predictions.csv are written again, from the same images and the same split; the bundle is left as it
is. `zoo benchmark --report` then takes the new numbers.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import torch

from zoo.baseline import fit_baseline
from zoo.comparison.measured_run import stored_predictions
from zoo.config.plain import plain
from zoo.data.device_images import DeviceImages
from zoo.evaluation.baseline_comparison import compare_with_baseline
from zoo.evaluation.predictions_csv import OF_BASELINE
from zoo.files import atomic_file, write_json
from zoo.metrics.predictions import FloatArray
from zoo.progress import Silent
from zoo.runs import METRICS, PREDICTIONS, Run
from zoo.runs.grid_folder import GridFolder
from zoo.training.plan import make_plan
from zoo.training.training_data import TrainingData


def main() -> None:
    """Refit the simple model of every finished run of the grids, and print what it had and has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grids", type=Path, nargs="+")
    for path in parser.parse_args().grids:
        folder = GridFolder.open(path)
        for cell in folder.config.cells:
            if folder.is_finished(cell):
                print(f"{path.name}/{cell.name}: {refit(folder.run(cell))}", flush=True)


def refit(run: Run) -> str:
    """Refit the simple model of a run, and return its balanced accuracy before and after."""
    found, metrics = stored_predictions(run), run.metrics
    data = TrainingData.read(make_plan(run.record.config), Silent())
    if data.split_digest != run.record.split_digest:
        raise SystemExit(f"{run}: its data or their split have changed")
    images = DeviceImages(data.pixels, torch.device("cpu"))
    classes = metrics.measures.classes
    baseline = fit_baseline(images, data.split, data.labels, len(classes), Silent())
    number = {key: index for index, key in enumerate(data.keys)}
    simple = baseline.logits(images, [number[key] for key in found.keys], Silent())
    compared = compare_with_baseline(found.outputs, simple, images=baseline.images)
    write_json(run.path / METRICS, plain(replace(metrics, baseline=compared)))
    write_columns(run.path / PREDICTIONS, dict(zip(found.keys, simple, strict=True)), classes)
    before = metrics.baseline.measures.values["balanced_accuracy"] if metrics.baseline else None
    return f"{before} before, {compared.measures.values['balanced_accuracy']} now"


def write_columns(path: Path, simple: dict[str, FloatArray], classes: tuple[str, ...]) -> None:
    """Write the outputs of the simple model into predictions.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {f"{OF_BASELINE}{name}": f"{value:.9g}" for name, value in zip(classes, simple[row["key"]], strict=True)}
    with atomic_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
