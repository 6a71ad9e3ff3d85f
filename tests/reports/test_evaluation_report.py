from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.bundles import make_provenance
from tests.reports.pages import Elements
from zoo.data.manifest import Sample
from zoo.data.split.leakage import Leak
from zoo.evaluation.baseline_comparison import compare_with_baseline
from zoo.evaluation.evaluation import Evaluation
from zoo.metrics import measure
from zoo.metrics.calibration_result import CalibrationResult
from zoo.metrics.metrics_file import DatasetInfo, EvaluatedPart, Metrics, SeenImages, StressCurve, StressTest
from zoo.metrics.novelty_result import NoveltyResult
from zoo.metrics.patient_mean import patient_mean
from zoo.metrics.predictions import check_predictions
from zoo.reports import Report, evaluation_report
from zoo.reports.charts import reliability_chart
from zoo.reports.evaluation_charts import evaluation_charts
from zoo.reports.mistakes import confident_mistakes
from zoo.reports.roc import reliability, roc_curves
from zoo.runs.history import Epoch

HOSTILE = "<script>alert(1)</script>|`x`.png"


def evaluation(classes: tuple[str, ...] = ("benign", "malignant"), *, patients: bool = True) -> Evaluation:
    """24 patients of 5 images each; the logit of the true class is higher by one."""
    generator = np.random.default_rng(0)
    labels = np.arange(120) % 24 % len(classes)
    logits = generator.normal(0, 1, (120, len(classes))).astype(np.float32)
    logits[np.arange(120), labels] += 1
    probabilities = np.exp(logits.astype(float)) / np.exp(logits.astype(float)).sum(axis=1, keepdims=True)
    groups = [f"patient {number % 24}" for number in range(120)] if patients else None
    samples = tuple(
        Sample(
            key=f"{number}/{HOSTILE}",
            path=Path(f"{number}.png"),
            label=classes[labels[number]],
            group=groups[number] if groups else None,
        )
        for number in range(120)
    )
    return Evaluation(
        metrics=Metrics(
            data=DatasetInfo(source="idc", name="IDC", synthetic=False, fingerprint="0"),
            split=EvaluatedPart(unit="patient" if patients else "image", seed=0, part="test"),
            training_seed=0,
            measures=measure(labels=labels, logits=logits, classes=classes, groups=groups),
        ),
        samples=samples,
        logits=logits,
        probabilities=probabilities,
    )


def report(found: Evaluation, **given: Any) -> Report:
    return evaluation_report(found, model="dala", training=None, date="2026-01-31", **given)


def test_the_first_sentence_is_the_answer_with_its_interval() -> None:
    found = evaluation()
    measures = found.metrics.measures
    value, interval = measures.values["balanced_accuracy"], measures.intervals["balanced_accuracy"]
    assert interval is not None
    answer = (
        f"On 120 images of 24 patients, dala reaches a balanced accuracy of {value:.3f} "
        f"(95 % interval {interval[0]:.3f} to {interval[1]:.3f}); guessing gives 0.500."
    )
    made = report(found)
    assert answer in Elements(made.html).text
    assert f"**{answer}**" in made.markdown


@pytest.mark.parametrize(
    ("strength", "verdict"),
    [(1.0, "no difference was shown: network minus baseline "), (9.0, "the network is worse: "), (0.0, "")],
)
def test_the_answer_says_at_once_if_a_simple_model_may_be_as_good(strength: float, verdict: str) -> None:
    found = evaluation()
    simple = np.random.default_rng(1).normal(0, 1, (120, 2))
    simple[np.arange(120), np.arange(120) % 2] += strength
    baseline = compare_with_baseline(found.outputs, simple, images=100)
    made = report(replace(found, metrics=replace(found.metrics, baseline=baseline)))
    first = made.markdown.partition("## Measures")[0]
    assert ("A logistic regression on colors and textures reaches" in first) == bool(verdict)
    assert verdict in first


def test_the_page_asks_no_other_host_for_anything() -> None:
    found = evaluation()
    pictures = [replace(one, heat_map=Image.new("RGB", (8, 8))) for one in confident_mistakes(found)[:2]]
    page = Elements(report(found, mistakes=pictures).html)
    for tag, attributes in page.elements:
        assert tag not in ("script", "link", "iframe", "object")
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:", "#")), (tag, name, value)
    assert "@import" not in page.text
    assert "url(http" not in page.text


def test_file_names_and_class_names_are_escaped_in_both_formats() -> None:
    found = evaluation(("<i>good</i>", "bad | worse"))
    made = report(found, mistakes=confident_mistakes(found)[:3])
    assert "<script>" not in made.html
    assert "<i>good" not in made.html
    assert f"/{HOSTILE}" in Elements(made.html).text
    assert "<script>" not in re.sub(r"\\.", "", made.markdown)
    assert r"bad \| worse" in made.markdown


def test_every_measure_is_in_both_tables_with_its_interval_or_the_reason_for_none() -> None:
    found = evaluation()
    measures = found.metrics.measures
    made = report(found)
    rows = [line for line in made.markdown.splitlines() if line.startswith("| ")]
    for name, value in measures.values.items():
        assert value is not None
        interval = measures.intervals[name]
        text = f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else measures.reasons[name]
        assert any(f" {value:.3f} | {text} |" in row for row in rows)
        assert text in Elements(made.html).text


def test_the_measures_of_one_class_are_not_called_means_that_are_weighted() -> None:
    found = evaluation()
    text = report(found).markdown
    table = text[text.index("## Each class") : text.index("## Confusion matrix")]
    first, second = (found.metrics.measures.per_class[name]["gmean"] for name in ("benign", "malignant"))
    assert f"| G-mean | {first:.3f} | {second:.3f} |" in table
    assert "weighted" not in table


def test_images_that_were_left_out_since_the_model_has_seen_them_are_not_said_to_be_measured() -> None:
    found = evaluation()
    seen = SeenImages(known=True, images=30, identical=30, compared="not known")
    metrics = replace(found.metrics, split=EvaluatedPart(part="all"), seen=seen)
    made = report(replace(found, metrics=metrics))
    for text in (made.markdown, Elements(made.html).text):
        assert "120 images of 24 patients: all of IDC, but 30 images that were left out, since the model was" in text


def test_each_chart_is_described_in_words() -> None:
    page = Elements(report(evaluation()).html)
    assert sum(tag == "svg" for tag, _ in page.elements) == 3
    assert sum(tag == "figure" and bool(attributes.get("aria-label")) for tag, attributes in page.elements) == 3
    assert "sensitivity (recall) at false positive rate: malignant: 0.1" in page.text


@pytest.mark.parametrize("classes", [("a", "b", "c"), tuple("abcdefgh"), ("良性", "$x_{1}$ and $", "\\frac{1}")])
def test_more_than_two_classes_are_reported(classes: tuple[str, ...]) -> None:
    made = report(evaluation(classes))
    assert f"guessing gives {1 / len(classes):.3f}" in Elements(made.html).text
    for text in (made.markdown, Elements(made.html).text):
        assert "average precision and AUROC are means over the classes." in text


def test_mistakes_are_the_wrong_images_of_highest_probability() -> None:
    found = evaluation()
    mistakes = confident_mistakes(found)[:5]
    assert len(mistakes) == 5
    assert all(one.predicted != one.sample.label for one in mistakes)
    shown = [one.probability for one in mistakes]
    assert shown == sorted(shown, reverse=True)
    wrong = found.probabilities.argmax(axis=1) != np.arange(120) % 24 % 2
    assert shown[0] == found.probabilities.max(axis=1)[wrong].max()


def test_a_mistake_of_which_the_model_was_not_quite_certain_is_not_shown_as_certain() -> None:
    found = evaluation()
    for probability, text in ((0.9962, "99.6 %"), (0.99999, "> 99.9 %"), (1.0, "> 99.9 %")):
        mistakes = [replace(one, probability=probability) for one in confident_mistakes(found)[:1]]
        made = report(found, mistakes=mistakes)
        assert f"with {text}" in Elements(made.html).text
        assert f"with {text}: " in re.sub(r"\\(.)", r"\1", made.markdown).replace("&gt;", ">")


def test_a_row_of_the_confusion_matrix_with_one_mistake_is_not_shown_as_without() -> None:
    found = evaluation()
    measures = replace(found.metrics.measures, confusion=((319, 1), (0, 320)))
    text = Elements(report(replace(found, metrics=replace(found.metrics, measures=measures))).html).text
    for cell in ("319 99.7 %", "1 0.3 %", "0 0 %", "320 100 %"):
        assert cell in text


def test_the_level_of_the_intervals_has_no_decimals() -> None:
    made = report(evaluation())
    assert "| measure | value | 95% interval, by patient |" in made.markdown
    assert "95% interval, by patient" in Elements(made.html).text


def test_a_single_image_is_counted_as_one_in_the_words_of_the_reliability_chart() -> None:
    labels, logits = np.arange(4) % 2, np.linspace(-1, 1, 4)[:, None]
    samples = check_predictions(labels=labels, logits=logits, classes=("a", "b"), groups=None)
    words = reliability_chart(reliability(samples)).description
    assert words.count("(1 image)") == 4
    assert "1 images" not in words


def test_images_seen_in_training_are_warned_of_before_the_first_number() -> None:
    found = evaluation()
    seen = SeenImages(known=True, images=36, identical=30, patients=7, compared="by name", measured=True)
    leaked = replace(found, metrics=replace(found.metrics, seen=seen))
    made = report(leaked)
    for text in (Elements(made.html).text, made.markdown):
        assert "Leaked: the model was trained or validated on 36 of these images" in text
        assert text.index("Leaked") < text.index("Measures")


@pytest.mark.parametrize(
    ("seen", "unseen"),
    [
        (None, True),
        (SeenImages(known=True, images=30, identical=30), True),
        (SeenImages(known=True, images=30, identical=30, measured=True), False),
        (SeenImages(known=False), False),
        (SeenImages(known=False, images=30, identical=30), False),
    ],
    ids=["not trained", "left out", "leaked", "not known", "the known ones left out"],
)
def test_the_question_is_of_images_that_the_model_has_not_seen_only_if_that_is_known(
    seen: SeenImages | None, unseen: bool
) -> None:
    found = evaluation()
    made = report(replace(found, metrics=replace(found.metrics, seen=seen)))
    question = "How well does dala tell benign and malignant apart"
    for text in (Elements(made.html).text, made.markdown):
        assert f"{question} on images that it has not seen?" in text if unseen else f"{question}?" in text


def test_the_question_is_not_of_unseen_images_if_the_split_of_the_training_leaks() -> None:
    training = make_provenance()
    leak = Leak(patients=1, test_patients=2, identical=0, share=0.5)
    leaked = replace(training, split=replace(training.split, leak=leak))
    made = evaluation_report(evaluation(), model="dala", training=leaked, date="2026-01-31")
    assert "How well does dala tell benign and malignant apart?" in made.markdown


INCOMPLETE = "it may have seen others too, since the record of what it was trained on is incomplete"


def test_images_known_to_be_seen_are_leaked_though_the_record_of_what_was_seen_is_incomplete() -> None:
    found = evaluation()
    seen = SeenImages(known=False, images=68, identical=60, patients=7, compared="by name", measured=True)
    made = report(replace(found, metrics=replace(found.metrics, seen=seen)))
    for text in (Elements(made.html).text, made.markdown):
        assert "Leaked: the model was trained or validated on 68 of these images or on their patients" in text
        assert f"{INCOMPLETE}. The numbers below are too high for a new patient." in text
        assert "Possibly leaked" not in text


def test_images_of_which_none_is_known_to_be_seen_are_possibly_leaked_if_the_record_is_incomplete() -> None:
    found = evaluation()
    made = report(replace(found, metrics=replace(found.metrics, seen=SeenImages(known=False, measured=True))))
    for text in (Elements(made.html).text, made.markdown):
        assert "Possibly leaked: it is not known what this model was trained on" in text
        assert "Leaked:" not in text


def test_unknown_patients_are_named_as_what_was_not_done() -> None:
    assert "The patients are not known" in Elements(report(evaluation(patients=False)).html).text


def test_the_curves_of_the_training_show_what_is_known() -> None:
    epochs = [
        Epoch(
            epoch=number,
            epochs=3,
            step=number,
            images=number,
            train_loss=1 / number,
            val_loss=None,
            val_accuracy=None,
            val_balanced_accuracy=None,
            lr=0.1,
            best=None,
            images_per_second=1,
            seconds=1,
            elapsed=1,
        )
        for number in (1, 2, 3)
    ]
    found = evaluation()
    made = evaluation_report(found, model="dala", training=make_provenance(), history=epochs, date="2026-01-31")
    assert "training: 1.000 at first, 0.333 at last" in Elements(made.html).text


def test_the_same_evaluation_gives_the_same_bytes() -> None:
    assert report(evaluation()) == report(evaluation())


def test_the_roc_curve_tells_apart_what_is_certain_and_more_certain() -> None:
    """Of probabilities, which are rounded to 1, the curve would be a diagonal."""
    labels = np.arange(40) % 2
    logits = np.where(labels == 1, 60.0, 50.0)[:, None]
    samples = check_predictions(labels=labels, logits=logits, classes=("a", "b"), groups=None)
    (curve,) = roc_curves(samples)
    assert curve.y[0] == 1
    sure = replace(
        evaluation(),
        logits=np.concatenate([np.zeros((120, 1)), 50 + 10 * (np.arange(120) % 24 % 2)[:, None]], axis=1),
    )
    roc = evaluation_charts(sure)[0]
    assert "0.1 → 1.00" in roc.description


def test_the_rest_of_a_sentence_keeps_its_capital_letters() -> None:
    found = evaluation()
    stress = StressTest(
        measure="balanced_accuracy",
        value=0.8,
        robustness=0.7,
        curves=(StressCurve(name="JPEG", unit="100 - quality", points=(), loses_five_points_at=30.0),),
    )
    text = Elements(report(replace(found, metrics=replace(found.metrics, stress=stress))).html).text
    assert "Robustness 0.700" in text
    assert "5 points are lost at JPEG 30" in text


def test_how_sure_the_answers_are_is_in_both_formats() -> None:
    one = evaluation()
    calibration = CalibrationResult(
        calibrated="calibrated on 12 validation patients: temperature 1.37",
        temperature=1.37,
        threshold=0.4,
        chosen="validation",
        error_before=0.05,
        error=0.02,
    )
    novelty = NoveltyResult(images=3, share=patient_mean(np.array([False] * 9 + [True]), [f"{n}" for n in range(10)]))
    metrics = replace(one.metrics, calibration=calibration, novelty=novelty)
    found = report(replace(one, metrics=metrics))
    for text in (found.html, found.markdown):
        assert "temperature 1.37; expected calibration error 0.020, 0.050 without." in text
        assert "Decision threshold 0.400, chosen on the validation images." in text
        share = "3 of 120 images are unlike the training images (out-of-distribution); mean share per patient 0.100"
        assert f"{share} (95 % 0." in text


def test_the_band_of_a_share_is_that_of_95_percent() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(2000) % 2
    logits = np.abs(generator.normal(2, 0.1, 2000))  # as sure of each image, and right of three in four
    logits[labels == 0] *= -1
    logits[generator.random(2000) < 0.25] *= -1
    found = reliability(check_predictions(labels=labels, logits=logits[:, None], classes=("a", "b"), groups=None))
    widths = np.array(found.high) - np.array(found.low)
    shares, images = np.array(found.accuracy), np.array(found.images)
    assert (widths / np.sqrt(shares * (1 - shares) / images)).mean() == pytest.approx(2 * 1.96, rel=0.07)


def test_the_reliability_chart_is_that_of_the_calibrated_probabilities() -> None:
    one = evaluation()
    calibration = CalibrationResult(
        calibrated="", temperature=4.0, threshold=0.5, chosen="default", error_before=0.1, error=0.1
    )
    calibrated = replace(one, metrics=replace(one.metrics, calibration=calibration))
    divided = replace(one, logits=one.logits / 4)
    found, expected, raw = (evaluation_charts(each)[2].description for each in (calibrated, divided, one))
    assert found == expected != raw
