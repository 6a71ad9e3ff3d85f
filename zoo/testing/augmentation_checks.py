"""All checks of an augmentation, and its trial before a training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.data.augmentation.augment import BELOW_ONE, apply
from zoo.device import Compute
from zoo.errors import PluginError
from zoo.random_state import kept_random_state
from zoo.registry import registry
from zoo.spec import Augmentation, Preprocessing
from zoo.testing.declaration_checks import check_light
from zoo.testing.outcomes import Outcome, raise_failures, run_checks
from zoo.testing.side_effects import recorded_side_effects

SIZES = ((16, 16), (20, 12))
COUNTS = (1, 2, 7)
RANGE = 1e-4
"""How far values may be outside of 0..1, by rounding."""
ROUNDING = 1e-5
"""How much a value may depend on the size of the batch, by rounding."""


@dataclass(frozen=True)
class AugmentationCase:
    """The augmentation under test."""

    augmentation: Augmentation
    plugin: str
    """The name of the plugin that registers it."""

    def images(self, count: int = 7, size: tuple[int, int] = SIZES[0]) -> Tensor:
        """Return images of noise, with values in 0..1, and in the memory layout of a training."""
        noise = torch.rand((count, 3, *size), generator=torch.Generator().manual_seed(1))
        return noise.contiguous(memory_format=torch.channels_last)

    def draws(self, count: int = 7, *, seed: int = 1) -> Tensor:
        """Return random numbers for these images."""
        shape = (count, self.augmentation.draws)
        return torch.rand(shape, generator=torch.Generator().manual_seed(seed)).clamp(max=float(BELOW_ONE))

    def made(self, images: Tensor, draws: Tensor) -> Tensor:
        """Return augmented images; the augmentation gets copies, which it may change by mistake."""
        return apply(self.augmentation, images.clone(), draws.clone())

    def error(self, message: str, *, hint: str) -> PluginError:
        """Return an error of this augmentation."""
        return PluginError(f"{self.augmentation.apply} {message}", hint=hint)


def registers_without_torch(case: AugmentationCase) -> None:
    """Registering the plugin imports neither torch nor another slow library."""
    check_light(case.plugin)


def keeps_shape_and_type(case: AugmentationCase) -> None:
    """The images keep shape, type and device, in batches of 1, 2 and 7, square or not, in both memory layouts."""
    for size in SIZES:
        for count in COUNTS:
            images = case.images(count, size)
            for batch in (images, images.contiguous()):
                if case.made(batch, case.draws(count)).requires_grad:
                    raise case.error("returns a tensor that requires a gradient", hint="keep no parameters")


def runs_on_the_gpu(case: AugmentationCase) -> None:
    """The images stay on the GPU, if there is one."""
    if torch.cuda.is_available():
        case.made(case.images().cuda(), case.draws().cuda())


def stays_in_range(case: AugmentationCase) -> None:
    """All values are numbers in 0..1, for noise, black, white, and the smallest and largest draws."""
    images, draws = case.images(), case.draws()
    for batch in (images, torch.zeros_like(images), torch.ones_like(images)):
        for numbers in (draws, torch.zeros_like(draws), torch.full_like(draws, float(BELOW_ONE))):
            check_values(case.augmentation, case.made(batch, numbers))


def check_values(augmentation: Augmentation, images: Tensor) -> None:
    """Raise a PluginError unless all values of augmented images are numbers in 0..1."""
    found = None
    if not bool(torch.isfinite(images).all()):
        found = "values that are NaN or infinite"
    elif images.min() < -RANGE or images.max() > 1 + RANGE:
        found = f"values from {images.min():.3g} to {images.max():.3g}"
    if found:
        raise PluginError(
            f"{augmentation.apply} returns {found}",
            where=f"augmentation {augmentation.name}",
            hint="all values must be numbers in 0..1; end with .clamp(0, 1)",
        )


def depends_on_its_draws_alone(case: AugmentationCase) -> None:
    """The same images and draws give the same result, nothing is printed, and no setting or generator is changed."""
    images, draws = case.images(), case.draws()
    results, states = [], []
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = torch.random.get_rng_state()
        with recorded_side_effects() as effects:
            results.append(case.made(images, draws))
        if effects.found:
            raise case.error("; ".join(effects.found), hint="leave the process as it is, and print nothing")
        states.append(torch.equal(before, torch.random.get_rng_state()))
    if not torch.equal(results[0].nan_to_num(), results[1].nan_to_num()) or not all(states):
        raise case.error("draws random numbers of its own", hint="use only `draws`; say with draws=... how many")


def uses_its_draws(case: AugmentationCase) -> None:
    """Other draws give other images."""
    images = case.images()
    if case.augmentation.draws and all(
        torch.equal(case.made(images, case.draws()), case.made(images, case.draws(seed=seed))) for seed in range(2, 6)
    ):
        raise case.error("gives the same images for all draws", hint="use the draws, or declare draws=0")


def ignores_other_images(case: AugmentationCase) -> None:
    """An image does not depend on the other images of its batch."""
    images, draws = case.images(), case.draws()
    together = case.made(images, draws)
    for part in (slice(0, 1), slice(1, 3), slice(5, 7)):
        if not torch.allclose(case.made(images[part], draws[part]), together[part], atol=ROUNDING, equal_nan=True):
            raise case.error(
                "gives an image that depends on the others of its batch",
                hint="compute every image by itself: keep the first dimension in all sums and means",
            )


def does_not_change_its_input(case: AugmentationCase) -> None:
    """The images and the draws that it is given are not changed."""
    images, draws = case.images(), case.draws()
    before = images.clone(), draws.clone()
    apply(case.augmentation, images, draws)
    if not (torch.equal(images, before[0]) and torch.equal(draws, before[1])):
        raise case.error(
            "changes the images or draws that it is given", hint="return a new tensor: begin with .clone()"
        )


CHECKS: tuple[Callable[[AugmentationCase], None], ...] = (
    registers_without_torch,
    keeps_shape_and_type,
    runs_on_the_gpu,
    stays_in_range,
    depends_on_its_draws_alone,
    uses_its_draws,
    ignores_other_images,
    does_not_change_its_input,
)


def augmentation_outcomes(name: str) -> Iterator[Outcome]:
    """Run every check on an augmentation, and yield its outcome.

    Args:
        name: The augmentation's name.
    """
    augmentation = registry().augmentation(name)
    case = AugmentationCase(augmentation, registry().plugins.owner(name, "augmentations").name)
    return run_checks(CHECKS, case, package=augmentation.apply)


def check_augmentation(name: str) -> None:
    """Raise an error unless an augmentation passes every check. Call it in a test of your own package.

    Args:
        name: The augmentation's name.

    Examples:
        >>> def test_my_noise_passes_all_checks_of_the_zoo():
        ...     check_augmentation("my_noise")
    """
    raise_failures(name, augmentation_outcomes(name))


def try_augmentations(names: Sequence[str], size: Preprocessing, compute: Compute) -> None:
    """Apply the augmentations of a recipe to two images of noise; a PluginError says which does not work.

    Args:
        names: The names of the augmentations.
        size: The image size of the training.
        compute: The device of the training.
    """
    with kept_random_state(compute.device):
        for name in names:
            case = AugmentationCase(registry().augmentation(name), plugin="")
            images = case.images(2, (size.height, size.width)).to(compute.device)
            check_values(case.augmentation, case.made(images, case.draws(2).to(compute.device)))
