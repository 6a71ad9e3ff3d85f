"""Color balance: the brightness and contrast of a tile must not depend on its class."""

from __future__ import annotations

import numpy as np

from zoo.synthetic.noise import Plane

# Mean and standard deviation of the transmitted red and green light over a tile, and how much they vary from tile to
# tile. Hematoxylin is fitted to red, which eosin hardly absorbs; eosin to green, which both absorb.
RED = ((0.833, 0.149), (0.008, 0.004))
GREEN = ((0.585, 0.158), (0.012, 0.005))
HEMATOXYLIN_ABSORBS_RED, HEMATOXYLIN_ABSORBS_GREEN, EOSIN_ABSORBS_GREEN = 0.7, 0.75, 1.0
ROUNDS = 5


def balance(rng: np.random.Generator, hematoxylin: Plane, eosin: Plane) -> tuple[Plane, Plane]:
    """Return both dyes, scaled to a brightness and contrast that are drawn independently of the class."""
    red, green = rng.normal(*RED), rng.normal(*GREEN)
    full_light = np.ones_like(hematoxylin)
    hematoxylin = _fit(hematoxylin, HEMATOXYLIN_ABSORBS_RED, full_light, red[0], red[1])
    left = np.exp(np.float32(-HEMATOXYLIN_ABSORBS_GREEN) * hematoxylin)
    return hematoxylin, _fit(eosin, EOSIN_ABSORBS_GREEN, left, green[0], green[1])


def _fit(dye: Plane, absorption: float, light: Plane, mean: float, deviation: float) -> Plane:
    """Return the dye with the strength and power at which the transmitted `light` has this mean and deviation."""
    sample, sample_light = dye[::3, ::3], light[::3, ::3]
    strength, power = 0.3, 1.0
    for _ in range(ROUNDS):
        shape = sample ** np.float32(power)
        left = sample_light * np.exp(np.float32(-strength * absorption) * shape / shape.mean())
        strength *= float(np.log(mean / sample_light.mean()) / np.log(left.mean() / sample_light.mean()))
        power = min(max(power * float(deviation / left.std()) ** 0.8, 0.5), 2.0)
    shape = dye ** np.float32(power)
    return np.asarray(np.float32(strength) * shape / shape.mean(), dtype=np.float32)
