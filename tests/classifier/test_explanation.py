from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from zoo import Classifier, create_model
from zoo.spec import Fit, Preprocessing

WIDTH, HEIGHT, SPOT = 700, 460, 50
CROPPED = (WIDTH - HEIGHT) // 2
"""The columns at each side that a square crop leaves out."""


class Brightness(nn.Module):
    """A network whose heat map is the brightness of the image, in cells of 8 x 8 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.layer3 = nn.AvgPool2d(8)

    def forward(self, x: Tensor) -> Tensor:
        score = F.relu(self.layer3(x)).mean(dim=(1, 2, 3))
        return torch.stack([score, -score], dim=1)


def _classifier(fit: Fit, *, height: int = 96, width: int = 96) -> Classifier:
    classifier = create_model("resnet20", classes=["bright", "dark"], options={"depth": 8})
    preprocessing = Preprocessing(height=height, width=width, fit=fit, mean=(0, 0, 0), std=(1, 1, 1))
    return Classifier(Brightness(), replace(classifier.config, preprocessing=preprocessing)).eval()


def _tile(left: int, top: int) -> np.ndarray:
    tile = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    tile[top : top + SPOT, left : left + SPOT] = 255
    return tile


def _hottest(heat: np.ndarray) -> tuple[int, int, int, int]:
    """The rectangle around the values above a half: left, top, right, bottom."""
    rows, columns = np.nonzero(np.nan_to_num(heat) > 0.5)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize("across", [0, 0.5, 1])
@pytest.mark.parametrize("down", [0, 0.5, 1])
@pytest.mark.parametrize(
    ("fit", "shape", "seen"),
    [
        ("squash", (96, 96), (0, 0, WIDTH, HEIGHT)),
        ("squash", (160, 96), (0, 0, WIDTH, HEIGHT)),
        ("crop", (96, 96), (CROPPED, 0, WIDTH - CROPPED, HEIGHT)),
        ("crop", (96, 160), (0, 20, WIDTH, HEIGHT - 20)),
        ("crop", (160, 96), (212, 0, WIDTH - 212, HEIGHT)),
    ],
)
def test_a_spot_is_hot_where_it_is_in_the_image(
    fit: Fit, shape: tuple[int, int], seen: tuple[int, int, int, int], across: float, down: float
) -> None:
    left = round(seen[0] + across * (seen[2] - seen[0] - SPOT))
    top = round(seen[1] + down * (seen[3] - seen[1] - SPOT))
    heat = _classifier(fit, height=shape[0], width=shape[1]).explain(_tile(left, top), label="bright").heat
    assert heat.shape == (HEIGHT, WIDTH)
    cell = max((seen[2] - seen[0]) / shape[1], (seen[3] - seen[1]) / shape[0]) * 8
    assert _hottest(heat) == pytest.approx((left, top, left + SPOT, top + SPOT), abs=cell * 0.75)


def test_the_map_is_nan_exactly_outside_the_crop() -> None:
    heat = _classifier("crop").explain(_tile(130, 0), label="bright").heat
    unseen = np.isnan(heat)
    assert unseen[:, :CROPPED].all()
    assert unseen[:, WIDTH - CROPPED :].all()
    assert not unseen[:, CROPPED : WIDTH - CROPPED].any()
    assert not np.isnan(_classifier("squash").explain(_tile(130, 0), label="bright").heat).any()


def test_a_spot_outside_the_crop_heats_nothing() -> None:
    heat = _classifier("crop").explain(_tile(10, 100), label="bright").heat
    assert np.nanmax(heat) == 0


@pytest.mark.parametrize("method", ["grad-cam", "dt-gradcam"])
def test_the_overlay_is_drawn_at_the_place_of_the_map(method: str) -> None:
    tile = _tile(130, 0)
    explanation = _classifier("crop").explain(tile, label="bright", method=method)
    drawn = np.asarray(explanation.overlay()).astype(int)
    assert drawn.shape == tile.shape
    colored = np.ptp(drawn, axis=2) > 30
    rows, columns = np.nonzero(colored)
    assert columns.min() == pytest.approx(130, abs=50)
    assert columns.max() == pytest.approx(130 + SPOT, abs=50)
    assert rows.max() == pytest.approx(SPOT, abs=50)


def test_parts_that_were_not_seen_are_pale_and_gray_in_the_overlay() -> None:
    tile = np.full((HEIGHT, WIDTH, 3), (200, 60, 120), dtype=np.uint8)
    drawn = np.asarray(_classifier("crop").explain(tile, label="dark").overlay()).astype(int)
    unseen = drawn[:, :CROPPED]
    assert (np.ptp(unseen, axis=2) == 0).all()
    assert unseen.min() > tile.mean()
    assert (drawn[:, CROPPED : WIDTH - CROPPED] == tile[:, CROPPED : WIDTH - CROPPED]).all()


def test_an_image_that_is_smaller_than_its_map_is_explained_at_its_own_size() -> None:
    tile = np.zeros((7, 5, 3), dtype=np.uint8)
    tile[0, 0] = 255
    found = _classifier("squash").explain(Image.fromarray(tile), label="bright")
    assert found.heat.shape == (7, 5)
    assert np.unravel_index(found.heat.argmax(), found.heat.shape) == (0, 0)


def test_a_heat_map_that_is_not_finite_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo.errors import BundleError

    monkeypatch.setattr(
        "zoo.explain.gradcam.grad_cam",
        lambda *_, **__: (torch.full((1, 2, 2), torch.nan), torch.zeros(1, 2)),
    )
    with pytest.raises(BundleError, match="the heat map of Grad-CAM for image 1 of 1 is not finite"):
        _classifier("squash").explain(_tile(0, 0))
