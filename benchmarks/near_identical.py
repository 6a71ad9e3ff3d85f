"""Near-identical images: the time of the search, and which copies of real images it finds.

python benchmarks/near_identical.py                       # the time with 1,000, 10,000 and 100,000 drawn thumbnails
python benchmarks/near_identical.py FOLDER [FOLDER ...]   # copies and false pairs in real data
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL.Image import Image

from zoo.data.images import pixel_digest, read_image
from zoo.data.near_identical import MAX_DISTANCE, find_near_identical, thumbnail
from zoo.data.near_identical.thumbnails import SIDE, symmetries
from zoo.data.source_lookup import find_source, read_manifest
from zoo.parallel import map_ordered
from zoo.registry import registry

COPIES = 400
"""How many images of a data set are copied in each way."""


def jpeg(image: Image, quality: int) -> Image:
    """Return an image after compression."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Pillow.open(io.BytesIO(file.getvalue())).convert("RGB")


def resized(image: Image, share: float, method: Pillow.Resampling = Pillow.Resampling.BICUBIC) -> Image:
    """Return an image at a share of its size."""
    return image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))), method)


WAYS: dict[str, Callable[[Image], Image]] = {
    "JPEG, quality 95": lambda image: jpeg(image, 95),
    "JPEG, quality 75": lambda image: jpeg(image, 75),
    "JPEG, quality 50": lambda image: jpeg(image, 50),
    "half the size": lambda image: resized(image, 0.5),
    "0.7 of the size, nearest pixel": lambda image: resized(image, 0.7, Pillow.Resampling.NEAREST),
    "224x224": lambda image: image.resize((224, 224), Pillow.Resampling.BILINEAR),
    "half the size, JPEG 75": lambda image: jpeg(resized(image, 0.5), 75),
    "rotated by 90 degrees, JPEG 75": lambda image: jpeg(image.transpose(Pillow.Transpose.ROTATE_90), 75),
    "mirrored, half the size": lambda image: resized(image.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT), 0.5),
    "transposed, JPEG 50": lambda image: jpeg(image.transpose(Pillow.Transpose.TRANSPOSE), 50),
}


def drawn(count: int, generator: np.random.Generator) -> np.ndarray:
    """Return thumbnails of noise with the spectrum of natural images; a tenth of them are copies of others."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE)))
    frequency[0, 0] = 1
    noise = np.fft.ifft2(np.fft.fft2(generator.normal(size=(count, SIDE, SIDE))) / frequency).real
    noise /= noise.std(axis=(1, 2), keepdims=True)
    images = 170 + noise * generator.uniform(6, 40, (count, 1, 1))
    half = count // 20
    images[:half] = images[half : 2 * half].swapaxes(1, 2)[:, ::-1] + generator.normal(0, 0.5, (half, SIDE, SIDE))
    pixels: np.ndarray = images.clip(0, 255).round().astype(np.uint8)
    return pixels


def main() -> None:
    """Print what is found in real data, or the time with drawn thumbnails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    print(f"near-identical: a distance of at most {MAX_DISTANCE}")
    for folder in given.folders:
        measure_folder(folder)
    if not given.folders:
        measure_time()


def measure_time() -> None:
    """Print the time of the search by the number of images."""
    for count in (1_000, 10_000, 100_000):
        thumbnails = drawn(count, np.random.default_rng(0))
        started = time.perf_counter()
        found = find_near_identical(thumbnails, [f"{index}".encode() for index in range(count)])
        seconds = time.perf_counter() - started
        half = count // 20
        right = sum(pair.second - pair.first == half and pair.first < half for pair in found.pairs)
        print(f"{count:>7,} images: {seconds:6.1f} s, {right} of {half} copies found, {len(found.pairs)} pairs")


def measure_folder(folder: Path) -> None:
    """Print which copies of the images of a data set are found, and which pairs of different patients."""
    source, root = find_source(str(folder), None, registry().plugins.sources)
    manifest = read_manifest(source, root=root)
    samples = manifest.samples
    started = time.perf_counter()
    images = list(map_ordered(len(samples), lambda index: read_image(samples[index].path)))
    decoded = time.perf_counter()
    thumbnails, contents = np.stack([thumbnail(image) for image in images]), [pixel_digest(image) for image in images]
    hashed = time.perf_counter()
    found = find_near_identical(thumbnails, contents)
    print(
        f"{manifest.name}: {len(samples):,} images, decoded in {decoded - started:.1f} s, thumbnails in "
        f"{hashed - decoded:.1f} s, searched in {time.perf_counter() - hashed:.1f} s; {len(found.blank)} blank"
    )
    groups = [sample.group for sample in samples]
    other = [pair for pair in found.pairs if groups[pair.first] != groups[pair.second]]
    print(f"  pairs within a patient: {len(found.pairs) - len(other)}; between patients: {len(other)}")
    print(f"  nearest pair of different patients: {nearest_of_others(thumbnails, groups):.3f}")
    chosen = np.random.default_rng(0).permutation(not_blank(found.blank, len(samples)))[:COPIES]
    for way, change in WAYS.items():
        copies = np.stack([thumbnail(change(images[index])) for index in chosen])
        both = np.concatenate([thumbnails, copies])
        pairs = find_near_identical(both, [f"{index}".encode() for index in range(len(both))]).pairs
        matched = {(pair.first, pair.second) for pair in pairs}
        right = sum((int(index), len(samples) + place) in matched for place, index in enumerate(chosen))
        print(f"  {way:32} {right / len(chosen):7.1%} of {len(chosen)} found")


def not_blank(blank: tuple[int, ...], count: int) -> list[int]:
    """Return the indices of images that are not blank."""
    return sorted(set(range(count)) - set(blank))


def nearest_of_others(thumbnails: np.ndarray, groups: list[str | None]) -> float:
    """Return the smallest distance of two images of different patients, from all pairs."""
    images = thumbnails.astype(np.float32).reshape(len(thumbnails), -1)
    contrast, squares = images.std(axis=1), (images**2).mean(axis=1)
    names = np.unique([group or "" for group in groups], return_inverse=True)[1]
    usable = contrast >= 4
    nearest = np.inf
    for start in range(0, len(images), 512):
        rows = slice(start, start + 512)
        distance = np.full((len(images[rows]), len(images)), np.inf, dtype=np.float32)
        for turned in symmetries(thumbnails[rows].astype(np.float32)):
            flat = turned.reshape(len(distance), -1)
            product = flat @ images.T * (2 / SIDE**2)
            distance = np.minimum(distance, squares[rows, None] + squares[None] - product)
        distance = np.maximum(distance, 0) / np.maximum(contrast[rows, None] * contrast[None], 1e-6)
        distance[(names[rows, None] == names[None]) | ~usable[rows, None] | ~usable[None]] = np.inf
        nearest = min(nearest, float(np.sqrt(distance.min())))
    return nearest


if __name__ == "__main__":
    main()
