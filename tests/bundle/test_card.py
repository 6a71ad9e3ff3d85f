from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from huggingface_hub import ModelCard

from zoo.bundle.card import card, is_untouched

Make = Callable[..., Any]
DRAWN = "drawn by a program"
SIGNATURE = re.compile(r"\n<!-- written by histozoo.*", re.DOTALL)
IMAGENET = {
    "used": "ImageNet-1k",
    "repo": "timm/resnet50.a1_in1k",
    "revision": "767268603ca0cb0bfe326fa87277f19c419566ef",
    "licence": "apache-2.0",
    "note": None,
}


def data_of(text: str) -> Any:
    """What the Hub reads, read with its own client."""
    return ModelCard(text).data


def head(text: str) -> dict[str, Any]:
    return dict(data_of(text).to_dict())


def test_the_front_matter_is_what_the_hub_reads(config: Make, metrics: Make) -> None:
    data = data_of(card(config(), metrics(), repo="ada/tiny"))
    assert (data.library_name, data.pipeline_tag) == ("histozoo", "image-classification")
    assert {"histozoo", "histopathology", "tiny"} <= set(data.tags)
    assert data.model_name == "ada/tiny"
    results = {result.metric_type: result for result in data.eval_results}
    values = metrics()["measures"]["values"]
    assert {name: result.metric_value for name, result in results.items()} == pytest.approx(values, abs=1e-4)
    assert (results["accuracy"].dataset_name, results["accuracy"].dataset_split) == ("BreakHis 40x", "test")


def test_no_number_for_the_hub_stands_alone(config: Make, metrics: Make) -> None:
    for result in data_of(card(config(), metrics())).eval_results:
        assert result.metric_args["resampled"] == "patient"
        assert result.metric_args["interval"]
        assert result.dataset_args["split"] == {"unit": "patient", "seed": 7}


def test_no_number_for_a_reader_stands_alone(config: Make, metrics: Make) -> None:
    measured = metrics()
    text = card(config(), measured)
    low, high = measured["measures"]["intervals"]["accuracy"]
    value = measured["measures"]["values"]["accuracy"]
    assert f"| accuracy | {value:.3f} | {low:.3f} to {high:.3f} |" in text
    assert "| measure | value | 95% interval |" in text
    assert "60 bootstrap resamples of the **patients**" in text
    assert "Measured on 60 images of 20 patients: the test part of BreakHis 40x, split by patient with seed 7." in text
    assert "one training (seed 3)" in text
    rows = re.findall(r"^\| [^|]+ \| \d\.\d{3} \| ([^|]+) \|$", text, re.MULTILINE)
    assert len(rows) == len(measured["measures"]["values"])
    assert all(row.strip() for row in rows)


def test_the_confusion_matrix(config: Make, metrics: Make) -> None:
    measured = metrics()
    first, second = measured["measures"]["confusion"]
    text = card(config(), measured)
    assert "| truth | benign | malignant |" in text
    assert f"| **benign** | {first[0]} | {first[1]} |" in text
    assert f"| **malignant** | {second[0]} | {second[1]} |" in text


def test_what_is_undefined_says_why(config: Make, metrics: Make) -> None:
    measured = metrics()
    measured["measures"]["values"]["auroc"] = None
    measured["measures"]["reasons"] = {"auroc": "no sample is benign", "recall": "no interval: the same"}
    measured["measures"]["intervals"] |= {"auroc": None, "recall": None}
    text = card(config(), measured)
    assert "| AUROC | undefined | no sample is benign |" in text
    assert re.search(r"\| recall \(sensitivity\) \| \d\.\d{3} \| no interval: the same \|", text)
    assert "auroc" not in {result.metric_type for result in data_of(text).eval_results}


def test_whose_recall_it_is(config: Make, metrics: Make) -> None:
    assert "F1 and AUROC are those of *malignant*" in card(config(), metrics())
    assert "F1 and AUROC are means over the classes" in card(config(), metrics(classes=3))


def test_a_synthetic_sample_is_called_so_first_of_all(config: Make, metrics: Make) -> None:
    text = card(config(synthetic=True), metrics(synthetic=True))
    body = text.split("---\n", 2)[2]
    assert DRAWN in "\n".join(body.strip().splitlines()[:3])
    assert "synthetic-sample" in head(text)["tags"]
    assert all(DRAWN in result.dataset_name for result in data_of(text).eval_results)
    assert "60 synthetic images" in text


@pytest.mark.parametrize("which", ["training", "test"])
def test_one_synthetic_part_is_enough_to_say_so(config: Make, metrics: Make, which: str) -> None:
    text = card(config(synthetic=which == "training"), metrics(synthetic=which == "test"))
    assert "**Synthetic sample.**" in text


def test_real_images_are_not_called_synthetic(config: Make, metrics: Make) -> None:
    assert "ynthetic" not in card(config(), metrics())


def test_trained_from_scratch_says_why(config: Make) -> None:
    text = card(config(), None)
    assert "Trained from scratch, because pretrained weights could not be had (the Hub cannot be reached)" in text
    assert "Trained from scratch, as was asked for" in card(config(init={"asked": "scratch", "note": None}), None)
    assert "license" not in head(text)
    assert "base_model" not in head(text)


def test_initial_weights_bring_their_licence(config: Make) -> None:
    text = card(config(init=IMAGENET), None)
    assert "scratch" not in text
    assert f"`{IMAGENET['repo']}` at revision `{IMAGENET['revision']}`, licence apache-2.0" in text
    assert head(text)["license"] == "apache-2.0"
    assert head(text)["base_model"] == IMAGENET["repo"]


def test_a_licence_the_hub_does_not_know(config: Make) -> None:
    data = head(card(config(init={**IMAGENET, "licence": "Open Access (ask first)"}), None))
    assert (data["license"], data["license_name"]) == ("other", "open-access-ask-first")


def test_split_by_image_where_patients_are_known(config: Make, metrics: Make) -> None:
    text = card(config(split={"unit": "image"}), metrics(unit="image"))
    assert "Images of one patient lie on both sides of this split" in text
    assert "**too high for a new patient**" in text
    assert text.index("too high") < text.index("| measure |")


def test_split_by_image_where_nobody_knows_the_patients(config: Make, metrics: Make) -> None:
    measured = metrics(unit="image")
    measured["measures"] |= {"groups": None, "unit": "image"}
    text = card(config(split={"unit": "image", "patients": None}), measured)
    assert "Nobody said which patient an image comes from" in text
    assert "of an unknown number of patients" in text
    assert "| test | 600 | not known |" in text


def test_split_by_patient_has_no_warning(config: Make, metrics: Make) -> None:
    assert "too high" not in card(config(), metrics())


def test_the_parts(config: Make) -> None:
    text = card(config(), None)
    assert "**Split:** by patient, 60% / 10% / 30%, seed 7." in text
    assert "| test | 600 | 25 |" in text


def test_without_numbers_it_says_so(config: Make) -> None:
    text = card(config(), None)
    assert "Not evaluated" in text
    assert "model-index" not in head(text)


def test_untrained_weights_are_called_so(config: Make) -> None:
    text = card(config() | {"training": {}}, None)
    assert "# tiny, untrained" in text
    assert "**Not trained.**" in text
    assert "untrained" in head(text)["tags"]


def test_measured_on_all_of_some_other_data(config: Make, metrics: Make) -> None:
    text = card(config(), metrics() | {"split": {"part": "all"}})
    assert "all of BreakHis 40x." in text
    assert "with seed" not in text


def test_how_to_use_it(config: Make) -> None:
    text = card(config(), None, repo="ada/tiny")
    assert 'zoo.from_pretrained("ada/tiny")' in text
    assert "zoo predict ada/tiny tile.png" in text
    assert "pip install histozoo\n" in text
    stranger = config()
    stranger["plugin"]["distribution"] = "zoo-of-others"
    assert "pip install histozoo zoo-of-others\n" in card(stranger, None)


def test_limits_are_always_there(config: Make, metrics: Make) -> None:
    for text in (card(config(), metrics()), card(config(), None)):
        assert "**not a medical device**" in text
        assert "32 × 48 pixels (height × width), stretched" in text


def test_names_cannot_break_the_page(config: Make, metrics: Make) -> None:
    nasty = "a|b\n# <script>alert(1)</script> *x*"
    given, measured = config(), metrics()
    given["classes"][0] = nasty
    given["training"]["data"]["name"] = nasty
    measured["measures"]["classes"][0] = nasty
    measured["data"]["name"] = nasty
    text = card(given, measured)
    body = text.split("---\n", 2)[2]
    assert "<script>" not in body
    assert "\n# <" not in text
    assert r"| truth | a\|b # \<script\>" in text
    assert data_of(text).eval_results[0].dataset_name == nasty


def test_a_card_knows_whether_it_was_touched(config: Make, metrics: Make) -> None:
    text = card(config(), metrics())
    assert is_untouched(text)
    assert is_untouched(text.replace("\n", "\r\n"))
    assert not is_untouched(text.replace("research", "hospitals"))
    assert not is_untouched(text.replace("library_name: histozoo", "library_name: timm"))
    assert not is_untouched(text + "one more line\n")
    assert not is_untouched(SIGNATURE.sub("", text))
    assert not is_untouched("")


def test_the_same_bundle_gives_the_same_card(config: Make, metrics: Make) -> None:
    assert card(config(), metrics()) == card(config(), metrics())
