"""The augmentations of a recipe, applied to a batch with random parameters for each image.

The numbers depend only on (seed, epoch, index), so that neither the order of a batch nor the number of devices changes
an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.rng import uniform
from zoo.errors import PluginError
from zoo.imports import import_object
from zoo.plugin_code import errors_of
from zoo.registry import registry
from zoo.spec import Augmentation

if TYPE_CHECKING:
    from torch import Tensor

BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))
"""The largest draw. Without it, one of 33 million is rounded to 1, which an author may not expect."""


def augment(batch: Tensor, names: Sequence[str], *, seed: int, epoch: int, indices: np.ndarray) -> Tensor:
    """Return a batch with the named augmentations applied in order."""
    import torch

    for name in names:
        augmentation = registry().augmentation(name)
        numbers = uniform(seed, epoch, indices, augmentation.draws, purpose=name).astype(np.float32)
        draws = torch.from_numpy(numbers.clip(max=BELOW_ONE)).to(batch.device, non_blocking=True)
        batch = apply(augmentation, batch, draws)
    return batch


def apply(augmentation: Augmentation, batch: Tensor, draws: Tensor) -> Tensor:
    """Return a batch changed by one augmentation; a PluginError says what is wrong with what it returns.

    Args:
        augmentation: The augmentation.
        batch: N x 3 x height x width, with values in 0..1.
        draws: Its random numbers, in [0, 1): N x draws.
    """
    what = f"augmentation {augmentation.name}"
    function = import_object(augmentation.apply, plugin=what)
    with errors_of(what, augmentation.apply):
        changed = function(batch, draws)
    if _described(changed) != _described(batch):
        raise PluginError(
            f"{augmentation.apply} returns {_described(changed)} for {_described(batch)}",
            where=what,
            hint="an augmentation keeps the shape, the type of the numbers and the device",
        )
    return changed  # type: ignore[no-any-return]


def _described(batch: object) -> str:
    """Return the shape, type and device of a tensor, which an augmentation must keep."""
    from torch import Tensor

    if not isinstance(batch, Tensor):
        return f"a {type(batch).__name__}"
    return f"{tuple(batch.shape)} of {str(batch.dtype).removeprefix('torch.')} on {batch.device}"
