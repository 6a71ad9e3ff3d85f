"""Data whose classes have other names than those of the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.tables import draw_table
from zoo import evaluate
from zoo.errors import ZooError

pytestmark = pytest.mark.usefixtures("empty_charts")

NAMES = ("light", "dim", "black")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with three classes that the models lack."""
    return draw_table(
        tmp_path_factory.mktemp("data") / "images", patients=9, images=3, label=lambda patient, number: NAMES[number]
    )


def test_several_classes_of_the_data_are_counted_as_one_of_the_model(untrained: Path, table: Path) -> None:
    names = {"light": "bright", "dim": "dark", "black": "dark"}
    found = evaluate(untrained, data="csv", root=table, class_map=names)
    measures = found.metrics.measures
    assert measures.classes == ("bright", "dark")
    assert [measures.per_class[name]["support"] for name in measures.classes] == [9, 18]
    assert found.metrics.class_map == names
    assert {sample.label for sample in found.samples} == {"bright", "dark"}


def test_a_class_with_the_same_name_need_not_be_mapped(untrained: Path, tmp_path: Path) -> None:
    table = draw_table(
        tmp_path / "images", patients=4, images=2, label=lambda patient, number: ("bright", "black")[number]
    )
    found = evaluate(untrained, data="csv", root=table, class_map={"black": "dark"})
    assert found.metrics.measures.classes == ("bright", "dark")


def test_a_class_of_the_model_may_have_no_images_and_measures_say_so(untrained_of_three: Path, table: Path) -> None:
    names = {"light": "bright", "dim": "dark", "black": "dark"}
    measures = evaluate(untrained_of_three, data="csv", root=table, class_map=names).metrics.measures
    assert measures.reasons["balanced_accuracy"] == "no sample is gray"
    assert measures.values["accuracy"] is not None
    assert measures.minority == "bright", "the rarest class is one that the data have"
    assert measures.values["f1_minority"] == measures.per_class["bright"]["f1"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"light": "bright", "dim": "dark"}, "the class 'black' of the data is not mapped to a class of the model"),
        (
            {"ligth": "bright", "dim": "dark", "black": "dark"},
            "unknown class of the data 'ligth'\n  did you mean light",
        ),
        (
            {"light": "brigth", "dim": "dark", "black": "dark"},
            "unknown class of the model 'brigth'\n  did you mean bri",
        ),
        (
            {"light": "white", "dim": "dark", "black": "dark"},
            "unknown class of the model 'white'\n  known: bright, dark",
        ),
        ({"bright": "light", "dark": "dim"}, "wrong order: first that of the data\n  --map light=bright,dim=dark"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_with_what_to_write(
    untrained: Path, table: Path, names: dict[str, str], said: str
) -> None:
    with pytest.raises(ZooError) as caught:
        evaluate(untrained, data="csv", root=table, class_map=names)
    assert said in str(caught.value)


def test_other_classes_without_a_map_are_refused_with_the_option_that_helps(untrained: Path, table: Path) -> None:
    with pytest.raises(ZooError, match="--map DATA_CLASS=MODEL_CLASS"):
        evaluate(untrained, data="csv", root=table)
