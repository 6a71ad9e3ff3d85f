"""A check says whether the prediction depends on what is hot, and whether the map depends on what was learned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from zoo import Classifier, create_model
from zoo.classifier import Explanation, ExplanationCheck, check_explanation
from zoo.errors import UsageError
from zoo.explain.faithfulness import RANDOM_MAPS, STEPS, MapScores, blur, score_map
from zoo.spec import Preprocessing


class BrightSpots(nn.Module):
    """A network whose score is what is brighter than gray, in cells of 4 x 4 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.layer3 = nn.Sequential(nn.Threshold(0.6, 0.0), nn.AvgPool2d(4))

    def forward(self, x: Tensor) -> Tensor:
        score = 50 * self.layer3(x).mean(dim=(1, 2, 3)) - 1
        return torch.stack([score, -score], dim=1)


@pytest.fixture(scope="module")
def model() -> Classifier:
    made = create_model("resnet20", classes=["bright", "dark"], options={"depth": 8})
    preprocessing = Preprocessing(height=64, width=64, mean=(0, 0, 0), std=(1, 1, 1))
    return Classifier(BrightSpots(), replace(made.config, preprocessing=preprocessing)).eval()


@pytest.fixture(scope="module")
def explanation(model: Classifier) -> Explanation:
    tile = np.zeros((64, 64, 3), dtype=np.uint8)
    tile[16:32, 40:56] = 255
    return model.explain(tile, label="bright")


@pytest.fixture(scope="module")
def check(model: Classifier, explanation: Explanation) -> ExplanationCheck:
    return check_explanation(model, explanation)


def test_a_map_of_what_decides_is_better_than_every_random_map(check: ExplanationCheck) -> None:
    assert len(check.random) == RANDOM_MAPS
    assert check.scores.deletion < min(one.deletion for one in check.random)
    assert check.scores.insertion > max(one.insertion for one in check.random)
    assert check.faithful == "better than all 9 random maps in deletion and insertion"


def test_a_map_of_everything_else_is_no_better_than_random_maps(model: Classifier, explanation: Explanation) -> None:
    found = check_explanation(model, replace(explanation, cells=1 - explanation.cells))
    assert found.faithful.startswith("no better than random maps: better than 0 of 9 random maps in deletion")
    assert found.scores.deletion > found.random_deletion


def test_the_curves_go_from_the_image_to_gray_and_from_blurred_to_the_image(
    model: Classifier, explanation: Explanation, check: ExplanationCheck
) -> None:
    with torch.no_grad():
        image = model.preprocess(explanation.image)
        batch = torch.cat([image, torch.full_like(image, 0.5), blur(image)])
        itself, gray, blurred = model.probabilities(model(batch))[:, 0].tolist()
    deletion, insertion = check.scores.deletion_curve, check.scores.insertion_curve
    assert (len(deletion), len(insertion)) == (STEPS + 1, STEPS + 1)
    assert (deletion[0], deletion[-1]) == pytest.approx((itself, gray))
    assert (insertion[0], insertion[-1]) == pytest.approx((blurred, itself))


def test_every_step_changes_the_same_share_of_the_pixels_also_where_the_map_has_one_value() -> None:
    image, gray = torch.ones(1, 3, 20, 13), torch.zeros(1, 3, 20, 13)
    found = score_map(lambda batch: batch.mean(dim=(1, 2, 3)), image, gray, np.zeros((4, 3)))
    assert found.deletion_curve == pytest.approx(np.linspace(1, 0, STEPS + 1), abs=0.01)
    assert found.deletion == pytest.approx(0.5, abs=0.001)
    assert found.insertion == pytest.approx(1)


def test_the_area_is_that_of_the_trapezoids() -> None:
    scores = MapScores(deletion_curve=(1.0, 0.5, 0.0, 0.0, 0.0), insertion_curve=(0.0, 1.0, 1.0, 1.0, 1.0))
    assert scores.deletion == 0.25
    assert scores.insertion == 0.875


def test_a_network_with_random_weights_gives_another_map(check: ExplanationCheck) -> None:
    assert check.rank_correlation is not None
    assert abs(check.rank_correlation) < 0.5


def test_networks_with_random_weights_give_the_map_of_such_a_network() -> None:
    """The map of a network that has learned nothing is recognized: it is one of those it is compared with."""
    torch.manual_seed(0)
    model = create_model("resnet20", options={"depth": 8})
    tile = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    tile[:, 32:] = 240  # an image of which the right half is empty
    check = check_explanation(model, model.explain(tile, label="1"))
    again = check_explanation(model, model.explain(tile, label="1"))
    assert check == again
    assert check.rank_correlation is not None
    assert check.rank_correlation > 0.3


def test_a_check_draws_no_random_numbers_of_the_user(model: Classifier, explanation: Explanation) -> None:
    before = torch.random.get_rng_state()
    check_explanation(model, explanation)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_map_that_is_the_same_everywhere_is_compared_with_no_other(
    model: Classifier, explanation: Explanation
) -> None:
    found = check_explanation(model, replace(explanation, cells=np.zeros_like(explanation.cells)))
    assert found.rank_correlation is None
    assert "cannot be compared" in found.learned


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.12, "differs from the map of a network with random weights (rank correlation 0.12)"),
        (-0.6, "differs from the map of a network with random weights (rank correlation -0.60)"),
        (0.3, "similar to the map of a network with random weights"),
        (0.93, "almost the map of a network with random weights (rank correlation 0.93): it does not show what was"),
    ],
)
def test_the_likeness_to_random_weights_is_said_in_words(check: ExplanationCheck, value: float, words: str) -> None:
    assert replace(check, rank_correlation=value).learned.startswith(words)


def test_the_explanation_of_another_model_is_an_error(model: Classifier, explanation: Explanation) -> None:
    with pytest.raises(UsageError, match="the explanation is of the class 'cat', which this model does not have"):
        check_explanation(model, replace(explanation, label="cat"))
