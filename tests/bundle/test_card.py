from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import pytest
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.card import CardError, card, own_parts, read_card
from zoo.bundle.card.markdown import code, plain
from zoo.bundle.provenance import InitialModel, InitialWeights, PartSizes
from zoo.calibration import Calibration
from zoo.config.fields import settings_of
from zoo.config.recipe import Recipe
from zoo.data.split.leakage import Leak
from zoo.metrics.calibration_result import CalibrationResult
from zoo.metrics.metrics_file import EvaluatedPart, Metrics, SeenImages
from zoo.metrics.names import NAMES
from zoo.metrics.patient_answers import PatientAnswers
from zoo.text import printable

MakeMetrics = Callable[..., Metrics]
DRAWN = "drawn by a program"
IMAGENET = InitialWeights(
    asked="auto",
    used="ImageNet-1k",
    repo="timm/resnet50.a1_in1k",
    revision="767268603ca0cb0bfe326fa87277f19c419566ef",
    license="apache-2.0",
)


def data_of(text: str) -> Any:
    """The metadata of a card, read with the Hub's own client."""
    return ModelCard(text).data


def head(text: str) -> dict[str, Any]:
    return dict(data_of(text).to_dict())


def trained(config: BundleConfig, **parts: Any) -> BundleConfig:
    """The configuration with some parts of its provenance changed: `data={"synthetic": True}`."""
    assert config.training is not None
    changed = {
        name: replace(getattr(config.training, name), **part) if isinstance(part, dict) else part
        for name, part in parts.items()
    }
    return replace(config, training=replace(config.training, **changed))


def measured(metrics: Metrics, **changes: Any) -> Metrics:
    """The metrics with some fields of their measures changed."""
    return replace(metrics, measures=replace(metrics.measures, **changes))


def test_the_hubs_client_reads_library_task_tags_and_every_measure(config: BundleConfig, metrics: MakeMetrics) -> None:
    data = data_of(card(config, metrics(), repo="ada/tiny"))
    assert (data.library_name, data.pipeline_tag) == ("histozoo", "image-classification")
    assert {"histozoo", "histopathology", "tiny"} <= set(data.tags)
    assert data.model_name == "ada/tiny"
    results = {result.metric_type: result for result in data.eval_results}
    values = metrics().measures.values
    assert {name: result.metric_value for name, result in results.items()} == pytest.approx(values, abs=1e-4)
    assert {name: result.metric_name for name, result in results.items()} == NAMES
    assert (results["accuracy"].dataset_name, results["accuracy"].dataset_split) == ("BreakHis 40x", "test")


def test_every_measure_for_the_hub_has_its_interval_split_and_data(config: BundleConfig, metrics: MakeMetrics) -> None:
    intervals = metrics().measures.intervals
    for result in data_of(card(config, metrics())).eval_results:
        assert result.metric_args["spread_between"] == "patient"
        if result.metric_type == "calibration_error":  # it never has one
            assert result.metric_args["interval"].startswith("no interval: ")
            continue
        assert result.metric_args["level"] == 0.95
        assert result.metric_args["interval"] == pytest.approx(intervals[result.metric_type], abs=1e-4)
        assert result.dataset_args == {"split": {"unit": "patient", "seed": 7}, "fingerprint": "a1b2c3d4"}


def test_the_answers_for_patients_are_a_table_of_their_own(config: BundleConfig, metrics: MakeMetrics) -> None:
    of_patients = replace(metrics().measures, samples=18, values={**metrics().measures.values, "accuracy": 0.125})
    answers = PatientAnswers(rule="the mean", measures=of_patients, left_out=2, reason="2 of 20 have several labels")
    text = card(config, replace(metrics(), patients=answers))
    _, section = text.split("**One answer for each of 18 patients:** the mean.")
    assert "| accuracy | 0.125 |" in section
    assert "Left out: 2 of 20 have several labels." in section
    none = replace(answers, measures=None, left_out=15)
    assert "patient:** none, since 2 of 20 have several labels." in card(config, replace(metrics(), patients=none))
    assert "One answer" not in card(config, metrics())


def test_every_measure_for_a_reader_has_its_interval_split_and_data(config: BundleConfig, metrics: MakeMetrics) -> None:
    measures = metrics().measures
    text = card(config, metrics())
    value, interval = measures.values["accuracy"], measures.intervals["accuracy"]
    assert interval is not None
    assert f"| accuracy | {value:.3f} | {interval[0]:.3f} to {interval[1]:.3f} |" in text
    assert "| measure | value | 95% interval |" in text
    assert "the spread between the **patients** of the test set" in text
    assert "Measured on 60 images of 20 patients: the test part of BreakHis 40x, split by patient, seed 7." in text
    assert "one training (seed 3)" in text
    rows = re.findall(r"^\| [^|]+ \| \d\.\d{3} \| ([^|]+) \|$", text, re.MULTILINE)
    assert len(rows) == len(measures.values)
    assert all(row.strip() for row in rows)


def test_the_confusion_matrix_is_a_table(config: BundleConfig, metrics: MakeMetrics) -> None:
    first, second = metrics().measures.confusion
    text = card(config, metrics())
    assert "| truth | benign | malignant |" in text
    assert f"| **benign** | {first[0]} | {first[1]} |" in text
    assert f"| **malignant** | {second[0]} | {second[1]} |" in text


def test_an_undefined_measure_or_interval_has_its_reason(config: BundleConfig, metrics: MakeMetrics) -> None:
    measures = metrics().measures
    undefined = measured(
        metrics(),
        values={**measures.values, "auroc": None},
        reasons={"auroc": "no sample is benign", "recall": "no interval: the same"},
        intervals={**measures.intervals, "auroc": None, "recall": None},
    )
    text = card(config, undefined)
    assert "| AUROC | undefined | no sample is benign |" in text
    assert re.search(r"\| recall \(sensitivity\) \| \d\.\d{3} \| no interval: the same \|", text)
    results = {result.metric_type: result for result in data_of(text).eval_results}
    assert "auroc" not in results
    assert results["recall"].metric_args == {"interval": "no interval: the same", "spread_between": "patient"}


def test_the_card_names_the_class_of_precision_and_recall(config: BundleConfig, metrics: MakeMetrics) -> None:
    assert "average precision and AUROC are those of *malignant*" in card(config, metrics())
    assert "average precision and AUROC are means over the classes" in card(config, metrics(classes=3))


def test_a_synthetic_sample_is_called_synthetic_first_of_all(config: BundleConfig, metrics: MakeMetrics) -> None:
    text = card(trained(config, data={"synthetic": True}), metrics(synthetic=True))
    body = text.split("---\n", 2)[2]
    assert DRAWN in "\n".join(body.strip().splitlines()[2:5])  # after the marker, which is not shown
    assert "synthetic-sample" in head(text)["tags"]
    assert all(DRAWN in result.dataset_name for result in data_of(text).eval_results)
    assert "60 synthetic images" in text


@pytest.mark.parametrize("which", ["training", "test"])
def test_synthetic_images_in_either_part_make_the_sample_synthetic(
    config: BundleConfig, metrics: MakeMetrics, which: str
) -> None:
    text = card(trained(config, data={"synthetic": which == "training"}), metrics(synthetic=which == "test"))
    assert "**Synthetic sample.**" in text


def test_real_images_are_not_called_synthetic(config: BundleConfig, metrics: MakeMetrics) -> None:
    assert "ynthetic" not in card(config, metrics())


def test_the_card_says_why_a_model_was_trained_from_scratch(config: BundleConfig) -> None:
    text = card(config, None)
    assert (
        "Trained from scratch, because pretrained weights could not be downloaded (the Hub cannot be reached)" in text
    )
    wanted = trained(config, init={"asked": "scratch", "note": None})
    assert "Trained from scratch, as requested" in card(wanted, None)
    assert "license" not in head(text)
    assert "base_model" not in head(text)


def test_initial_weights_are_named_with_their_license(config: BundleConfig) -> None:
    text = card(trained(config, init=IMAGENET), None)
    assert "from scratch" not in text
    assert f"`{IMAGENET.repo}` at revision `{IMAGENET.revision}`, license apache-2.0" in text
    assert head(text)["license"] == "apache-2.0"
    assert head(text)["base_model"] == IMAGENET.repo
    assert head(text)["base_model_relation"] == "finetune"


@pytest.mark.parametrize("repo", [None, "ada/first"])
@pytest.mark.parametrize("license_name", [None, "apache-2.0"])
def test_a_trained_model_as_a_start_is_named_with_its_data_its_hash_and_an_inherited_license(
    config: BundleConfig, repo: str | None, license_name: str | None
) -> None:
    first = InitialModel(
        name=repo or "first",
        entry="tiny",
        sha256="5a" * 32,
        data="the *sample*",
        synthetic=True,
        head="replaced",
        differences=("height: 32 there, 24 here",),
        seen=None,
    )
    init = InitialWeights(asked=first.name, used="tiny", repo=repo, license=license_name, model=first)
    text = card(trained(config, init=init), None)
    assert f"those of `{first.name}`, a `tiny` trained on the" in text
    assert f"**{DRAWN}**, with the sha256 `{first.sha256}`; its head was replaced, since the classes differ." in text
    assert ("whose terms also apply" in text) == (license_name is not None)
    assert head(text).get("license") == license_name
    assert head(text).get("base_model") == repo


def test_a_start_whose_head_was_a_fresh_one_says_so(config: BundleConfig) -> None:
    first = InitialModel(
        name="first",
        entry="tiny",
        sha256="5a" * 32,
        data="tiles",
        synthetic=True,
        head="kept",
        differences=(),
        seen=None,
        fresh_head=True,
    )
    text = card(trained(config, init=InitialWeights(asked="first", used="tiny", model=first)), None)
    assert f"trained on tiles, **{DRAWN}**, whose head was then replaced by a fresh one, with the sha256" in text
    assert "its head was kept." in text


def test_the_card_of_a_model_with_a_fresh_head_says_what_the_rest_of_it_was_trained_on(config: BundleConfig) -> None:
    before = trained(config, data={"name": "tiles", "synthetic": True}, init=IMAGENET).training
    text = card(replace(config, training=None, earlier_training=before), None)
    assert "# tiny, trained on tiles, with a fresh head" in text
    assert "**Synthetic sample.**" in text
    assert "**Its head is a fresh one**, which histozoo has not trained" in text
    assert f"**Data:** tiles, **{DRAWN}**" in text
    assert f"`{IMAGENET.repo}` at revision `{IMAGENET.revision}`, license apache-2.0" in text
    assert (head(text)["license"], head(text)["base_model"]) == ("apache-2.0", IMAGENET.repo)
    assert {"untrained", "synthetic-sample"} <= {*head(text)["tags"]}


def test_a_license_unknown_to_the_hub_is_stated_as_other(config: BundleConfig) -> None:
    data = head(card(trained(config, init=replace(IMAGENET, license="Open Access (ask first)")), None))
    assert (data["license"], data["license_name"]) == ("other", "open-access-ask-first")


LEAK = Leak(patients=12, test_patients=25, identical=0, share=0.5)


def test_a_split_by_image_of_known_patients_is_warned_of(config: BundleConfig, metrics: MakeMetrics) -> None:
    assert "new patient" not in card(trained(config, split={"unit": "image"}), metrics(unit="image"))
    text = card(trained(config, split={"unit": "image", "leak": LEAK}), metrics(unit="image"))
    assert "Images of one patient are in both the training and the test part" in text
    assert "**too high for a new patient**" in text
    assert text.index("too high") < text.index("| measure |")


def test_a_split_by_image_of_unknown_patients_is_warned_of(config: BundleConfig, metrics: MakeMetrics) -> None:
    unknown = measured(metrics(unit="image"), groups=None, unit="image")
    text = card(trained(config, split={"unit": "image", "patients": None}), unknown)
    assert "The data do not state the patient of each image" in text
    assert "of an unknown number of patients" in text
    assert "| test | 600 | not known |" in text


SEEN = SeenImages(known=True, images=36, identical=30, patients=7, compared="by name")


def test_a_leak_of_a_given_split_is_warned_of(config: BundleConfig, metrics: MakeMetrics) -> None:
    text = card(trained(config, split={"unit": "fixed", "leak": LEAK}), metrics(unit="fixed"))
    assert "> **Leaked.** 12 of 25 test patients are also in training" in text
    assert text.index("too high for a new patient") < text.index("| measure |")
    assert all("(leaked: seen in training)" in result.dataset_name for result in data_of(text).eval_results)


def test_results_on_images_seen_in_training_are_marked_before_the_first_number(
    config: BundleConfig, metrics: MakeMetrics
) -> None:
    found = replace(metrics(), split=EvaluatedPart(part="all"), seen=replace(SEEN, measured=True))
    text = card(config, found)
    assert "> **Leaked.** The model was trained or validated on 36 of these images or on their patients" in text
    assert text.index("**Leaked.**") < text.index("| measure |")
    assert all("(leaked: seen in training)" in result.dataset_name for result in data_of(text).eval_results)


def test_the_card_says_why_probabilities_are_not_calibrated(config: BundleConfig, metrics: MakeMetrics) -> None:
    found = CalibrationResult(
        calibrated=str(Calibration(reason="no validation part")),
        temperature=None,
        threshold=0.5,
        chosen="default",
        error_before=0.1,
        error=0.1,
    )
    text = card(config, replace(metrics(), calibration=found))
    assert "Its probabilities are not calibrated: there was no validation part." in text


def test_a_decision_threshold_stands_beside_the_measures_that_rest_on_it(
    config: BundleConfig, metrics: MakeMetrics
) -> None:
    found = CalibrationResult(
        calibrated="not calibrated", temperature=None, threshold=0.31, chosen="validation", error_before=0.1, error=0.1
    )
    text = card(config, replace(metrics(), calibration=found))
    assert (
        "An image is called *malignant* if its probability of it is above the decision threshold 0.310, chosen on the "
        "validation images." in text
    )
    assert "decision threshold" not in card(config, replace(metrics(), calibration=replace(found, chosen="default")))


def test_images_that_were_left_out_are_counted_on_the_card(config: BundleConfig, metrics: MakeMetrics) -> None:
    text = card(config, replace(metrics(), split=EvaluatedPart(part="all"), seen=SEEN))
    assert "all of BreakHis 40x, but 36 images that were left out" in text
    assert "leaked" not in text.lower()


def test_results_on_other_data_are_not_called_leaked_because_the_training_split_leaks(
    config: BundleConfig, metrics: MakeMetrics
) -> None:
    clean = replace(SEEN, images=0, identical=0, patients=0)
    found = replace(metrics(), split=EvaluatedPart(part="all"), seen=clean)
    assert "> **Leaked" not in card(trained(config, split={"leak": LEAK}), found)


def test_a_card_says_if_it_is_not_known_what_the_model_was_trained_on(
    config: BundleConfig, metrics: MakeMetrics
) -> None:
    text = card(config, replace(metrics(), split=EvaluatedPart(part="all"), seen=SeenImages(known=False)))
    assert "> **Possibly leaked.** It is not known what this model was trained on" in text


INCOMPLETE = "it may have seen others too, since the record of what it was trained on is incomplete."


def test_a_leak_is_certain_on_the_card_though_the_record_of_what_was_seen_is_incomplete(
    config: BundleConfig, metrics: MakeMetrics
) -> None:
    found = replace(metrics(), seen=replace(SEEN, known=False, measured=True))
    text = card(config, found)
    assert "> **Leaked.** The model was trained or validated on 36 of these images or on their patients" in text
    assert f"{INCOMPLETE} The numbers below are **too high for a new patient**." in text
    assert "Possibly leaked" not in text


@pytest.mark.parametrize("known", [True, False])
def test_a_split_by_image_is_warned_of_though_the_record_of_what_was_seen_is_incomplete(
    config: BundleConfig, metrics: MakeMetrics, known: bool
) -> None:
    found = replace(metrics(unit="image"), seen=replace(SEEN, known=known, measured=True))
    text = card(trained(config, split={"unit": "image", "leak": LEAK}), found)
    assert "> **Split by image.** Images of one patient are in both the training and the test part" in text
    assert "**too high for a new patient**" in text
    assert "Possibly leaked" not in text
    assert (INCOMPLETE in text) == (not known)


@pytest.mark.parametrize(
    ("split", "sentence"),
    [
        ({"folds": 5, "fold": 0}, "**Split:** by patient, fold 0 of 5 (counted from 0), seed 7; 90% / 0% / 10% of"),
        ({"unit": "fixed"}, "**Split:** given by the data; 90% / 0% / 10% of"),
        ({"unit": "fixed", "file": True}, "**Split:** given by a file; 90% / 0% / 10% of"),
    ],
)
def test_the_card_says_how_the_split_was_really_made(
    config: BundleConfig, split: dict[str, Any], sentence: str
) -> None:
    text = card(trained(config, split={"images": PartSizes(train=900, val=0, test=100), **split}), None)
    assert sentence in text
    assert "60%" not in text
    assert "| `fractions` | not used |" in text


def test_the_results_name_the_fold(config: BundleConfig, metrics: MakeMetrics) -> None:
    fold = EvaluatedPart(unit="patient", seed=7, part="test", folds=5, fold=3)
    text = card(config, replace(metrics(), split=fold))
    assert "the test part of BreakHis 40x, split by patient, fold 3 of 5 (counted from 0), seed 7." in text
    split = data_of(text).eval_results[0].dataset_args["split"]
    assert split == {"unit": "patient", "seed": 7, "folds": 5, "fold": 3}


def test_every_setting_of_the_recipe_is_on_the_card(config: BundleConfig) -> None:
    text = card(trained(config, recipe={"label_smoothing": 0.1, "averaging": 0.999, "warmup": 0.05}), None)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE))
    assert set(rows) == set(settings_of(Recipe))
    assert (rows["label_smoothing"], rows["averaging"], rows["warmup"]) == ("0.1", "0.999", "0.05")
    assert (rows["augment"], rows["height"], rows["patience"]) == ("symmetries, crop", "the model's own", "none")


def test_one_class_for_every_image_is_said_before_the_first_number(config: BundleConfig, metrics: MakeMetrics) -> None:
    text = card(config, measured(metrics(), confusion=((0, 30), (0, 30))))
    warning = "> **One class for every image.** All 60 images were classified as malignant: this model does not tell"
    assert warning in text
    assert text.index(warning) < text.index("Measured on")


def test_a_split_by_patient_has_no_warning(config: BundleConfig, metrics: MakeMetrics) -> None:
    assert "too high for a new patient" not in card(config, metrics())


def test_the_sizes_of_the_parts_are_a_table(config: BundleConfig) -> None:
    text = card(config, None)
    assert "**Split:** by patient, seed 7; 60% / 10% / 30% of the images for training / validation / test." in text
    assert "| training | 1,200 | 49 |\n| validation | 200 | 8 |\n| test | 600 | 25 |" in text


def test_the_recipe_and_the_software_are_named(config: BundleConfig) -> None:
    text = card(config, None)
    assert "**Recipe:** `modern`: Ours." in text
    assert (
        "**Optimizer:** adamw, learning rate 0.001 (cosine), batch 32, weight decay 0.05, class weights none." in text
    )
    assert "**Augmentation:** symmetries, crop." in text
    assert (
        "**Epochs:** 5, training seed 3; the weights kept are the best by validation balanced accuracy (epoch 4)."
        in text
    )
    assert "**Computed on:** cpu, float32, with histozoo 0.1.0, torch 2.10, python 3.11." in text
    last = trained(config, recipe={"select": "last", "readings": ("the batch is 32",)})
    assert "the weights kept are the last epoch's (epoch 4)." in card(last, None)
    assert "**Interpretation of the paper:** the batch is 32" in card(last, None)


def test_the_card_of_a_model_that_was_not_evaluated_says_so(config: BundleConfig) -> None:
    text = card(config, None)
    assert "Not evaluated" in text
    assert "model-index" not in head(text)


def test_untrained_weights_are_called_untrained(config: BundleConfig) -> None:
    text = card(replace(config, training=None), None)
    assert "# tiny, untrained" in text
    assert "**Not trained by histozoo.**" in text
    assert "untrained" in head(text)["tags"]


def test_metrics_of_all_images_of_other_data_name_no_split(config: BundleConfig, metrics: MakeMetrics) -> None:
    text = card(config, replace(metrics(), split=EvaluatedPart(part="all")))
    assert "all of BreakHis 40x." in text
    assert "with seed" not in text
    assert all(result.dataset_split == "all" for result in data_of(text).eval_results)


def test_the_card_says_how_to_install_and_use_the_model(config: BundleConfig) -> None:
    text = card(config, None, repo="ada/tiny")
    assert 'zoo.from_pretrained("ada/tiny")' in text
    assert "zoo predict ada/tiny tile.png" in text
    assert "pip install histozoo\n" in text
    stranger = replace(config, plugin=replace(config.plugin, distribution="zoo-of-others"))
    assert "pip install histozoo zoo-of-others\n" in card(stranger, None)


def test_the_card_names_the_version_that_made_the_bundle(config: BundleConfig) -> None:
    assert "Made with histozoo 0.0.7:" in card(replace(config, library_version="0.0.7"), None)


def test_limits_and_preprocessing_are_on_every_card(config: BundleConfig, metrics: MakeMetrics) -> None:
    for text in (card(config, metrics()), card(config, None)):
        assert "Not a medical device." in text
        assert "32 × 48 pixels (height × width), stretched" in text


@pytest.mark.parametrize("nasty", ["a|b\n# <script>alert(1)</script> *x*", "a\n---\n<script>b: [c", "x" * 500])
def test_markdown_and_html_in_names_on_a_card_are_escaped(
    config: BundleConfig, metrics: MakeMetrics, nasty: str
) -> None:
    name = " ".join(nasty.split())[:200]  # a class with a line break is refused when a bundle is read
    given = replace(trained(config, data={"name": nasty}), classes=(name, "malignant"))
    found = measured(metrics(), classes=(nasty, "malignant"))
    text = card(given, replace(found, data=replace(found.data, name=nasty)))
    body = text.split("\n---\n", 1)[1]
    assert "<script>" not in body
    assert "\n# <" not in text
    shown = " ".join(nasty.split()).replace("|", r"\|").replace("<", r"\<").replace("*", r"\*").replace("[", r"\[")
    assert f"| truth | {shown}".replace(">", r"\>") in text
    assert data_of(text).eval_results[0].dataset_name == " ".join(nasty.split())


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "- item",
        "+ item",
        "=====",
        "1. item",
        "[x](javascript:alert(1))",
        "![x](http://e.vil/x.png)",
        "<http://e.vil>",
        "<b>bold</b>",
        "-->",
        "&lt;b&gt;",
        "~~struck~~",
        "`code`",
        "\x1b[31mred\x9b",
        "a\n\n# b",
        "|a|b|",
    ],
)
def test_a_value_from_a_bundle_is_shown_on_the_card_as_its_own_parts_and_as_nothing_else(text: str) -> None:
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    shown = " ".join(printable(text).split())
    for before in ("", "- ", "# ", "1. "):
        *_, inline = [token for token in markdown.parse(f"{before}{plain(text)}") if token.type == "inline"]
        assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
        assert "".join(child.content for child in inline.children or ()) == shown


@pytest.mark.parametrize("address", ["http://e.vil/x", "https://e.vil", "www.e.vil", "WWW.e.vil", "a@e.vil"])
def test_an_address_from_a_bundle_is_no_link_on_the_card(address: str) -> None:
    assert address not in plain(address)
    assert plain(address).replace("\\", "") == address


@pytest.mark.parametrize("text", ["`", "``", "a`b", "", "\x1b", "a\nb"])
def test_code_on_the_card_is_one_span_whatever_it_contains(text: str) -> None:
    (paragraph,) = [token for token in MarkdownIt("commonmark").parse(code(text)) if token.type == "inline"]
    assert [child.type for child in paragraph.children or ()] == ["code_inline"]


PLACE = "ada/tiny"
EDITS: dict[str, Callable[[str], str]] = {
    "a license": lambda text: text.replace("---\n", "---\nlicense: mit\n", 1),
    "a text above": lambda text: text.replace("<!-- begin", "Tested at our *hospital*.\n\n<!-- begin", 1),
    "a text below": lambda text: f"{text}\n## Our data\n\n- one\n",
    "a tag": lambda text: text.replace("- histozoo\n", "- histozoo\n- ki67\n", 1),
    "a base model": lambda text: text.replace("---\n", "---\nbase_model: ada/first\n", 1),
    "a license's name": lambda text: text.replace("---\n", "---\nlicense_name: ours\n", 1),
    "languages": lambda text: text.replace("---\n", "---\nlanguage: [de, en]\n", 1),
    "another system's line ends": lambda text: text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_card_keeps_what_a_person_wrote_and_tells_the_new_results(
    config: BundleConfig, metrics: MakeMetrics, edit: str
) -> None:
    first = card(config, metrics())
    edited = EDITS[edit](first)
    worse = measured(metrics(), values={**metrics().measures.values, "accuracy": 0.5})
    text = card(config, worse, kept=read_card(edited, where=PLACE))
    results = {result.metric_type: result.metric_value for result in data_of(text).eval_results}
    assert (results["accuracy"], "| accuracy | 0.500 |" in text) == (0.5, True)
    assert text.count("| accuracy |") == 1
    back = card(config, metrics(), kept=read_card(text, where=PLACE))
    assert head(back) == head(edited.replace("\r\n", "\n"))
    assert read_card(back, where=PLACE) == replace(read_card(edited, where=PLACE), metadata=head(back))


def test_a_card_that_nobody_edited_has_no_text_of_a_person(config: BundleConfig, metrics: MakeMetrics) -> None:
    assert not own_parts(read_card(card(trained(config, init=IMAGENET), None, repo="ada/tiny"), where=PLACE))
    text = card(config, metrics())
    edited = [edit for edit, change in EDITS.items() if own_parts(read_card(change(text), where=PLACE))]
    assert edited == list(EDITS)[:-1]


def test_a_persons_card_is_kept_above_the_part_of_histozoo(config: BundleConfig, metrics: MakeMetrics) -> None:
    text = card(config, metrics(), kept=read_card("---\nlanguage: de\n---\n# Mine\n\nText.\n", where=PLACE))
    assert head(text)["language"] == "de"
    assert head(text)["library_name"] == "histozoo"
    assert text.index("# Mine") < text.index("<!-- begin histozoo") < text.index("| measure |")


def test_a_stated_license_replaces_that_of_a_person_and_an_inherited_one_does_not(config: BundleConfig) -> None:
    mine = read_card("---\nlicense: other\nlicense_name: ours\n---\n", where=PLACE)
    inherited = trained(config, init=IMAGENET)
    kept = head(card(inherited, None, kept=mine))
    assert (kept["license"], kept["license_name"]) == ("other", "ours")
    stated = head(card(inherited, None, kept=mine, license_id="mit"))
    assert (stated["license"], stated.get("license_name")) == ("mit", None)


def test_an_inherited_license_base_model_and_tags_go_with_the_weights(config: BundleConfig) -> None:
    first = card(trained(config, init=IMAGENET), None)
    later = card(replace(config, entry="other"), None, kept=read_card(first, where=PLACE))
    assert "tiny" not in head(later)["tags"]
    assert not {"license", "base_model", "base_model_relation"} & set(head(later))


def test_the_base_model_that_histozoo_knows_replaces_that_of_a_person_and_goes_with_the_weights(
    config: BundleConfig,
) -> None:
    mine = read_card("---\nbase_model: ada/first\nbase_model_relation: adapter\n---\n", where=PLACE)
    first = card(trained(config, init=IMAGENET), None, kept=mine)
    assert (head(first)["base_model"], head(first)["base_model_relation"]) == (IMAGENET.repo, "finetune")
    for later in (config, replace(config, training=None)):
        assert "base_model" not in head(card(later, None, kept=read_card(first, where=PLACE)))


def test_a_result_that_a_person_added_is_kept_beside_those_of_the_model(
    config: BundleConfig, metrics: MakeMetrics
) -> None:
    parts = read_card(card(config, metrics()), where=PLACE)
    own = {"task": {"type": "image-classification"}, "dataset": {"name": "Our slides", "type": "ours"}, "metrics": []}
    index = [{"name": "tiny", "results": [*parts.metadata["model-index"][0]["results"], own]}]
    edited = replace(parts, metadata={**parts.metadata, "model-index": index})
    results = read_card(card(config, metrics(), kept=edited), where=PLACE).metadata["model-index"][0]["results"]
    assert results == index[0]["results"]


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda text: text.replace("research", "hospitals"), "edited within the part"),
        (lambda text: re.sub(r"<!-- end histozoo.*-->", "", text), "two markers"),
        (lambda text: text + text, "two markers"),
        (lambda text: re.sub(r"(<!-- end histozoo).*-->", r"\1 {} -->", text), "edited within the part"),
        (lambda text: text.replace("---\n", "---\n[\n", 1), "are not YAML"),
        (lambda text: "---\n- a list\n---\n", "not a mapping"),
        (lambda text: "# X\n\n<!-- written by histozoo; edit it and no push replaces it: 00 -->\n", "earlier version"),
    ],
)
def test_a_card_whose_parts_cannot_be_told_apart_is_refused_with_a_way_out(
    config: BundleConfig, metrics: MakeMetrics, damage: Callable[[str], str], expected: str
) -> None:
    with pytest.raises(CardError, match=expected) as caught:
        read_card(damage(card(config, metrics())), where=PLACE)
    assert "--new-card" in str(caught.value)


@pytest.mark.parametrize("fit", ["squash", "crop"])
def test_the_same_bundle_always_gives_the_same_card(
    config: BundleConfig, metrics: MakeMetrics, fit: Literal["squash", "crop"]
) -> None:
    given = replace(config, preprocessing=replace(config.preprocessing, fit=fit))
    assert card(given, metrics()) == card(given, metrics())


@pytest.mark.parametrize("text", ["---\nlicense: mit\n---", "a\n---\nb", "x: y\n- z"])
def test_text_of_a_bundle_is_one_line_in_the_metadata(config: BundleConfig, metrics: MakeMetrics, text: str) -> None:
    found = metrics()
    hostile = replace(found, data=replace(found.data, name=text, source=text, fingerprint=text))
    _, metadata, _ = card(config, hostile).split("---\n", 2)
    assert yaml.safe_load(metadata)["model-index"][0]["results"][0]["dataset"]["type"] == " ".join(text.split())
