"""How different the colors of the heat maps are from those of tissue and of white glass.

    python benchmarks/heat_map_colors.py FOLDER...       # folders with images of H&E, such as BreaKHis_v1

Prints the smallest distance in CIELAB (76) between the colors of a ramp and 24 clusters of the pixels, or white: over
the whole ramp, and over its upper half. A distance of 2 can just be seen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.cluster import KMeans

from zoo.data.sources.image_files import images_below
from zoo.explain import RAMP

IMAGES, PIXELS, CLUSTERS, STEPS = 60, 200, 24, 50
INFERNO = np.array(
    [[0, 0, 4], [51, 9, 95], [120, 28, 109], [188, 55, 84], [237, 105, 37], [252, 181, 25], [252, 255, 164]]
)


def main() -> None:
    """Print the distances."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    generator = np.random.default_rng(0)
    pixels = []
    for folder in given.folders:
        paths = [path for path, _ in images_below(folder)]
        for index in generator.choice(len(paths), min(IMAGES, len(paths)), replace=False):
            with Image.open(paths[index]) as image:
                colors = np.asarray(image.convert("RGB")).reshape(-1, 3)
            pixels.append(colors[generator.integers(0, len(colors), PIXELS)])
    tissue = KMeans(CLUSTERS, n_init=3, random_state=0).fit(lab(np.concatenate(pixels))).cluster_centers_
    around = np.vstack([tissue, lab(np.array([[255, 255, 255]]))])
    for name, ramp in (("ours", RAMP), ("inferno", INFERNO)):
        steps = np.linspace(0, 1, STEPS)
        places = np.linspace(0, 1, len(ramp))
        colors = lab(np.stack([np.interp(steps, places, ramp[:, channel]) for channel in range(3)], axis=-1))
        distances = np.linalg.norm(colors[:, None] - around[None], axis=-1).min(axis=1)
        print(f"{name}: {distances.min():.0f}, upper half {distances[STEPS // 2 :].min():.0f}")


def lab(rgb: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return 8-bit sRGB colors as CIELAB, with the white of D65."""
    linear = rgb.astype(np.float64) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    scaled = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = scaled[..., 0], scaled[..., 1], scaled[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


if __name__ == "__main__":
    main()
