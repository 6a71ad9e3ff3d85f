r"""How many pictures that are no tissue of the training's kind are told, and how many held-out images are flagged too.

    zoo train resnet20 --data idc --root IDC --recipe modern --epochs 10 --height 48 --width 48 \
        --fractions 0.5,0.2,0.3 --out runs/novelty
    python benchmarks/novelty.py runs/novelty lung=LC25000 fluorescence=NUCLEI

Prints a Markdown table: the test part of the run's own data, with the interval over patients; pictures drawn here, of
the size in the data; and images of folders, of which at most 200 are taken. The images of a folder are shown whole, and
as a crop from their center that has the size of the data's images, as a tile of the same magnification would be.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import zoo
from zoo.classifier import Classifier
from zoo.data.sources.image_files import images_below
from zoo.metrics.patient_mean import patient_mean

DRAWN, MOST = 200, 200
Pixels = NDArray[np.uint8]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("folders", nargs="*", metavar="NAME=FOLDER")
    given = parser.parse_args()
    classifier, evaluation = zoo.from_pretrained(given.run), zoo.evaluate(given.run, progress=False)
    assert evaluation.novelty is not None
    with Image.open(evaluation.samples[0].path) as image:
        side = min(image.size)
    print("| images | number | flagged | by the distance alone |\n|---|---:|---:|---:|")
    own = patient_mean(evaluation.novelty > 1, evaluation.groups)
    print(f"| the test part, by patient | {len(evaluation.samples)} | {own} | |")
    for name, draw in TRAPS.items():
        generator = np.random.default_rng(0)
        print(row(f"{name}, drawn", [draw(side, generator) for _ in range(DRAWN)], classifier))
    for text in given.folders:
        name, _, folder = text.partition("=")
        paths = [path for path, _ in images_below(Path(folder))]
        chosen = paths if len(paths) <= MOST else [paths[at * len(paths) // MOST] for at in range(MOST)]
        images = [np.asarray(Image.open(path).convert("RGB")) for path in chosen]
        print(row(f"{name}, whole", images, classifier))
        print(row(f"{name}, crop", [_center(pixels, side) for pixels in images], classifier))


def row(name: str, images: Sequence[Pixels], classifier: Classifier) -> str:
    """Return the line of some images."""
    assert classifier.detector is not None
    found = [one.novelty or 0.0 for one in classifier.predict(images)]
    both = classifier.detector.novelty
    classifier.detector.novelty = replace(both, contrast=0.0)
    alone = [one.novelty or 0.0 for one in classifier.predict(images)]
    classifier.detector.novelty = both
    return f"| {name} | {len(images)} | {np.mean(np.array(found) > 1):.3f} | {np.mean(np.array(alone) > 1):.3f} |"


def blank(side: int, generator: np.random.Generator) -> Pixels:
    """Return empty glass: nearly white, with a slight gradient and the noise of a camera."""
    gradient = np.linspace(-3, 3, side)[:, None, None] * generator.normal()
    pixels = generator.normal([242, 240, 243], 3) + gradient + generator.normal(0, 2, (side, side, 3))
    return np.asarray(pixels.clip(0, 255).astype(np.uint8))


def fluorescence(side: int, generator: np.random.Generator) -> Pixels:
    """Return bright nuclei of one color on black."""
    y, x = np.mgrid[:side, :side]
    light = np.zeros((side, side))
    for _ in range(generator.integers(3, 12)):
        (row, column), radius = generator.uniform(0, side, 2), generator.uniform(0.04, 0.14) * side
        blob = np.exp(-((((y - row) ** 2 + (x - column) ** 2) / radius**2) ** 2))
        light = np.maximum(light, generator.uniform(0.4, 1) * blob)
    color = np.array([[0.2, 0.3, 1], [0.1, 1, 0.2], [1, 0.15, 0.1]])[generator.integers(3)]
    pixels = light[..., None] * color * 255 + generator.normal(6, 3, (side, side, 3))
    return np.asarray(pixels.clip(0, 255).astype(np.uint8))


def photo(side: int, generator: np.random.Generator) -> Pixels:
    """Return a landscape: sky above a meadow, and a house of any color."""
    y, x = np.mgrid[:side, :side] / side
    horizon = generator.uniform(0.3, 0.7) + 0.08 * np.sin(x * generator.uniform(2, 9) + generator.uniform(0, 6))
    sky = np.stack([0.4 + 0.3 * y, 0.6 + 0.2 * y, 0.95 + 0 * y], axis=-1)
    meadow = np.stack([0.25 + 0.1 * x, 0.5 - 0.2 * y, 0.15 + 0 * x], axis=-1)
    pixels = np.where((y < horizon)[..., None], sky, meadow)
    row, column, width = generator.uniform(0.3, 0.8), generator.uniform(0.2, 0.8), generator.uniform(0.1, 0.3)
    house = (abs(y - row) < width) & (abs(x - column) < 0.7 * width)
    pixels = np.where(house[..., None], generator.uniform(0.1, 0.9, 3), pixels)
    return np.asarray((pixels * 255 + generator.normal(0, 5, pixels.shape)).clip(0, 255).astype(np.uint8))


TRAPS: dict[str, Callable[[int, np.random.Generator], Pixels]] = {
    "blank glass": blank,
    "fluorescence": fluorescence,
    "a landscape": photo,
}


def _center(pixels: Pixels, side: int) -> Pixels:
    """Return a square from the center of an image."""
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    return pixels[max(top, 0) : max(top, 0) + side, max(left, 0) : max(left, 0) + side]


if __name__ == "__main__":
    main()
