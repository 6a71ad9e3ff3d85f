"""The conformance kit for augmentations: ours pass it, and each mistake is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.installed_packages import Site
from zoo.data.augmentation import AUGMENTATIONS
from zoo.errors import PluginError, UnknownNameError
from zoo.testing import augmentation_outcomes, check_augmentation

REGISTER = """
import zoo
from zoo.spec import Augmentation

NAMES = ("right", "nan", "too_bright", "other_shape", "integers", "no_tensor", "raises", "exits", "own_draws",
         "ignores", "mean_of_batch", "in_place", "halves_draws", "prints", "viewed", "learned")

@zoo.hookimpl
def zoo_register_augmentations(register):
    for name in NAMES:
        register(Augmentation(name=name, apply=f"strange.augmentations:{name}", draws=1, summary="for a test"))
    register(Augmentation(name="lost", apply="strange.augmentations:no_such", draws=1, summary="for a test"))
"""
FUNCTIONS = """
import sys
import torch

def right(images, draws):
    return images * (1 - draws[:, :, None, None] / 2)

def nan(images, draws):
    return right(images, draws) / 0 * 0

def too_bright(images, draws):
    return 2 * right(images, draws)

def other_shape(images, draws):
    return right(images, draws)[:, :, 1:]

def integers(images, draws):
    return (255 * right(images, draws)).to(torch.uint8)

def no_tensor(images, draws):
    return right(images, draws).numpy()

def raises(images, draws):
    raise KeyError("brightness")

def exits(images, draws):
    sys.exit(0)

def own_draws(images, draws):
    return right(images, torch.rand_like(draws))

def ignores(images, draws):
    return images / 2

def mean_of_batch(images, draws):
    return (right(images, draws) + images.mean(dim=0)) / 2

def in_place(images, draws):
    return images.mul_(1 - draws[:, :, None, None] / 2)

def halves_draws(images, draws):
    return right(images, draws.div_(2))

def prints(images, draws):
    print("darker")
    return right(images, draws)

def viewed(images, draws):
    return (images.view(len(images), -1) * draws).view(images.shape)

def learned(images, draws):
    return images * (draws[:, :, None, None] * torch.ones((), requires_grad=True))
"""


@pytest.fixture(scope="module", autouse=True)
def _strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("strange", REGISTER)
    (site.folder / "strange" / "augmentations.py").write_text(FUNCTIONS)
    with site.in_this_process():
        yield


@pytest.mark.parametrize("name", ["right", *(one.name for one in AUGMENTATIONS)])
def test_ours_and_a_correct_augmentation_pass_every_check(name: str) -> None:
    check_augmentation(name)


@pytest.mark.parametrize(
    ("name", "check", "said"),
    [
        ("nan", "stays_in_range", "returns values that are NaN or infinite"),
        ("too_bright", "stays_in_range", "all values must be numbers in 0..1; end with .clamp(0, 1)"),
        ("other_shape", "keeps_shape_and_type", "returns (1, 3, 15, 16) of float32 on cpu for (1, 3, 16, 16)"),
        ("integers", "keeps_shape_and_type", "returns (1, 3, 16, 16) of uint8 on cpu"),
        ("no_tensor", "keeps_shape_and_type", "strange.augmentations:no_tensor returns a ndarray for"),
        ("raises", "keeps_shape_and_type", "augmentations.py:24): strange.augmentations:raises failed: KeyError"),
        ("exits", "keeps_shape_and_type", "strange.augmentations:exits failed: SystemExit: 0"),
        ("lost", "keeps_shape_and_type", "'strange.augmentations:no_such' cannot be imported"),
        ("own_draws", "depends_on_its_draws_alone", "draws random numbers of its own"),
        ("prints", "depends_on_its_draws_alone", "prints 'darker'"),
        ("ignores", "uses_its_draws", "gives the same images for all draws"),
        ("mean_of_batch", "ignores_other_images", "depends on the others of its batch"),
        ("in_place", "does_not_change_its_input", "changes the images or draws that it is given"),
        ("halves_draws", "does_not_change_its_input", "changes the images or draws that it is given"),
        ("viewed", "keeps_shape_and_type", "view size is not compatible"),
        ("learned", "keeps_shape_and_type", "returns a tensor that requires a gradient"),
    ],
)
def test_a_mistake_of_an_augmentation_is_found_by_the_check_for_it(name: str, check: str, said: str) -> None:
    errors = {outcome.check: outcome.error for outcome in augmentation_outcomes(name) if outcome.error}
    assert said in errors[check]


def test_checking_an_augmentation_does_not_change_the_callers_random_state() -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    with pytest.raises(PluginError, match="own_draws fails"):
        check_augmentation("own_draws")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_an_unknown_augmentation_is_an_error_that_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown augmentation 'stian'"):
        check_augmentation("stian")
