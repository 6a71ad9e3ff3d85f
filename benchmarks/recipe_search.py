"""Which settings of `modern` serve networks that start from random weights, tried on training patients alone.

python benchmarks/recipe_search.py idc --root IDC --out search [--jobs 2] [--seeds 3] [--settings NAME ...]
python benchmarks/recipe_search.py lung --root lc25000_lung/groups.csv --out search-lung
python benchmarks/recipe_search.py idc --out search --show     # the table of what is finished

The images of the test part of `zoo benchmark` are left out first. What remains is split again for each seed, 60 % to
train and 30 % to test, in the same way for all settings: differences between settings are paired. Settings that are
finished are not trained again.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean, stdev

from gpu_tables import table

from zoo.benchmark.planned_part import plan_parts
from zoo.benchmark.protocol import Protocol, read_protocol
from zoo.config.benchmark_config import BenchmarkConfig
from zoo.progress import Silent
from zoo.runs.grid_folder import GridFolder, is_grid
from zoo.training.plan import make_plan
from zoo.training.training_data import TrainingData

REFERENCE = "lr 0.003"
SETTINGS: dict[str, str] = {
    REFERENCE: "resnet20 --lr 3e-3",
    "lr 0.0003": "resnet20 --lr 3e-4",
    "lr 0.001, that of modern": "resnet20 --lr 1e-3",
    "lr 0.01": "resnet20 --lr 1e-2",
    "60 epochs": "resnet20 --lr 3e-3 --epochs 60",
    "no change of stain": "resnet20 --lr 3e-3 --augment symmetries,crop",
    "symmetries only": "resnet20 --lr 3e-3 --augment symmetries",
    "weight decay 0.3": "resnet20 --lr 3e-3 --weight-decay 0.3",
    "mixup": "resnet20 --lr 3e-3 --mixing mixup",
    "no label smoothing": "resnet20 --lr 3e-3 --label-smoothing 0",
    "no average of weights": "resnet20 --lr 3e-3 --averaging 0",
    "resnet20, a third larger": "resnet20 --lr 3e-3 --height 64 --width 64",
    "resnet56": "resnet56 --lr 3e-3",
    "resnet34, lr 0.001": "resnet34 --lr 1e-3",
    "resnet50, lr 0.001": "resnet50 --lr 1e-3",
    "resnet50, lr 0.0003": "resnet50 --lr 3e-4",
    "densenet121, lr 0.001": "densenet121 --lr 1e-3",
}
MEASURES = ("balanced_accuracy", "auroc")


def main() -> None:
    """Train with each of the settings that is not finished, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=1, help="settings tried at once, each with a run for each seed")
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    if given.show:
        print(page(finished(given.out)))
        return
    protocol = read_protocol(given.protocol)
    images = given.out / "images.csv"
    if not images.exists():
        write_images(images, protocol, given.root)
    size = protocol.parts[0].settings
    every = f"--data csv --root {images} --recipe modern --init scratch --split patient --fractions 0.6,0.1,0.3"
    every += f" --seeds {given.seeds} --jobs {given.seeds if given.jobs > 1 else 1}"
    every += f" --epochs {given.epochs} --height {size['height']} --width {size['width']}"

    def train(name: str) -> None:
        if not results(given.out, name):
            model, *own = SETTINGS[name].split()
            place = folder(given.out, name)
            words = [model, *every.split(), *own, "--out", str(place)]  # the last of two values counts
            words = ["--resume", str(place)] if is_grid(place) else words
            done = subprocess.run(
                [sys.executable, "-m", "zoo", "train", *words], capture_output=True, text=True, check=False
            )
            if done.returncode:
                print(f"{name}: {done.stderr[-1000:]}", flush=True)

    with ThreadPoolExecutor(given.jobs) as pool:
        list(pool.map(train, given.settings))
    print(page(finished(given.out)))


def write_images(path: Path, protocol: Protocol, root: Path) -> None:
    """Write a table of all images that are not in the test part of a protocol."""
    config = BenchmarkConfig.from_keywords(protocol.name, {"root": root})
    (plan, *_) = plan_parts(protocol, config, path.parent)
    data = TrainingData.read(make_plan(plan.policy_config.train), Silent())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "group"])
        for index in (*data.split.train, *data.split.val):
            sample = data.manifest.samples[index]
            rows.writerow([sample.path.resolve(), sample.label, sample.group])


def folder(out: Path, name: str) -> Path:
    """Return the folder of the runs of some settings."""
    return out / name.replace(" ", "-").replace(",", "")


def results(out: Path, name: str) -> dict[str, list[float]]:
    """Return the measures of each run, and those of the simple baseline beside it; nothing if not all have ended."""
    place = folder(out, name)
    if not is_grid(place) or not all(map(GridFolder(place).is_finished, GridFolder(place).config.cells)):
        return {}
    found: dict[str, list[float]] = {}
    for path in sorted(place.glob("*-seed*/metrics.json")):
        metrics = json.loads(path.read_text())
        for measure in MEASURES:
            value = metrics["measures"]["values"].get(measure)
            baseline = metrics["baseline"]["measures"]["values"].get(measure)
            if value is not None:
                found.setdefault(measure, []).append(value)
                found.setdefault(f"{measure} of the baseline", []).append(baseline)
    return found


def finished(out: Path) -> dict[str, dict[str, list[float]]]:
    """Return the measures of all settings whose runs have ended."""
    return {name: found for name in SETTINGS if (found := results(out, name))}


def page(found: Mapping[str, Mapping[str, list[float]]]) -> str:
    """Return the table of all settings, the differences with their standard errors over the seeds."""
    rows = []
    reference = found.get(REFERENCE, {})
    for name, values in found.items():
        cells: list[str] = [f"{mean(values[measure]):.3f}" for measure in MEASURES if measure in values]
        own = values["balanced_accuracy"]
        cells += [difference(own, values["balanced_accuracy of the baseline"])]
        cells += [difference(own, reference["balanced_accuracy"]) if reference and name != REFERENCE else ""]
        rows.append((name, *cells))
    shown = [measure.replace("_", " ") for measure in MEASURES if all(measure in values for values in found.values())]
    return table(("settings", *shown, "minus the baseline", f"minus {REFERENCE}"), rows)


def difference(first: list[float], second: list[float]) -> str:
    """Return the mean of paired differences, with its standard error."""
    each = [one - two for one, two in zip(first, second, strict=True)]
    error = f" ± {stdev(each) / len(each) ** 0.5:.3f}" if len(each) > 1 else ""
    return f"{mean(each):+.3f}{error}"


if __name__ == "__main__":
    main()
