"""Keeping colour silent: how bright and how contrasted a tile is must not depend on its class."""

from __future__ import annotations

import numpy as np

from zoo.synthetic.noise import Plane

# Mean and deviation, over a tile, of the red and green light that pass, and how much they vary from tile to
# tile. Hematoxylin is fitted to the red, which eosin hardly takes; eosin to the green, which both take.
RED = ((0.833, 0.149), (0.008, 0.004))
GREEN = ((0.585, 0.158), (0.012, 0.005))
HEMATOXYLIN_TAKES_RED, HEMATOXYLIN_TAKES_GREEN, EOSIN_TAKES_GREEN = 0.7, 0.75, 1.0
ROUNDS = 5


def evened(rng: np.random.Generator, hematoxylin: Plane, eosin: Plane) -> tuple[Plane, Plane]:
    """Bring both dyes to a brightness and a contrast that are drawn without a look at the class."""
    red, green = rng.normal(*RED), rng.normal(*GREEN)
    nothing = np.ones_like(hematoxylin)
    hematoxylin = _fitted(hematoxylin, HEMATOXYLIN_TAKES_RED, nothing, red[0], red[1])
    left = np.exp(np.float32(-HEMATOXYLIN_TAKES_GREEN) * hematoxylin)
    return hematoxylin, _fitted(eosin, EOSIN_TAKES_GREEN, left, green[0], green[1])


def _fitted(dye: Plane, takes: float, light: Plane, mean: float, deviation: float) -> Plane:
    """Find the dye's strength and power that let this mean and deviation of `light` through."""
    few, few_light = dye[::3, ::3], light[::3, ::3]
    strength, power = 0.3, 1.0
    for _ in range(ROUNDS):
        shape = few ** np.float32(power)
        left = few_light * np.exp(np.float32(-strength * takes) * shape / shape.mean())
        strength *= float(np.log(mean / few_light.mean()) / np.log(left.mean() / few_light.mean()))
        power = min(max(power * float(deviation / left.std()) ** 0.8, 0.5), 2.0)
    shape = dye ** np.float32(power)
    return np.asarray(np.float32(strength) * shape / shape.mean(), dtype=np.float32)
