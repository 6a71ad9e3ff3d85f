from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.reports.pages import Elements
from zoo.comparison import Comparison
from zoo.comparison.compare import compare_models
from zoo.comparison.compared_model import ComparedModel
from zoo.comparison.measured_run import MeasuredRun, stored_predictions
from zoo.reports import comparison_report, write_comparison_report
from zoo.runs import Run

HOSTILE = ("<script>alert(1)</script>", "$x_{1}$ & |`y`", "a" * 150, "模型", "\\frac{1}{2}")


@pytest.fixture(scope="session")
def measured(trained: Run) -> MeasuredRun:
    return stored_predictions(trained)


def compared(measured: MeasuredRun, *names: str, runs: int = 1, margin: float | None = None) -> Comparison:
    """Models with these names, which are right more and more rarely."""
    generator = np.random.default_rng(0)
    models = []
    for number, name in enumerate(names):
        made = []
        for run in range(runs):
            right = np.where(generator.random(len(measured.labels)) < 1 - 0.1 * number, 1.0, -1.0)
            sign = np.eye(2)[measured.labels] * 2 - 1
            made.append(replace(measured, path=f"runs/{number}-{run}", logits=sign * right[:, None]))
        models.append(ComparedModel(name=name, runs=tuple(made)))
    return compare_models(models, margin=margin)


def test_the_answer_comes_first_and_every_model_has_its_difference_from_the_best(measured: MeasuredRun) -> None:
    found = compared(measured, "dala", "resnet50", "cbam20", margin=0.1)
    made = comparison_report(found, pictures={}, date="2026-01-31")
    page = Elements(made.html)
    for text in (page.text, made.markdown):
        assert found.sentence in text
        assert text.index(found.sentence) < text.index("Models")
        assert "resnet50" in text
        assert "by more than 0.1" in text
        assert "What was not done" in text
    assert sum(tag == "svg" for tag, _ in page.elements) == 2
    difference = found.pairs[0].differences["balanced_accuracy"].value
    assert f"| {difference:.3f} |" in made.markdown


def test_intervals_of_images_whose_patients_are_not_known_are_not_said_to_be_over_patients(
    measured: MeasuredRun,
) -> None:
    assert measured.groups is None
    groups = tuple(f"patient {number % 4}" for number in range(len(measured.keys)))
    for run, unit in ((measured, "images"), (replace(measured, groups=groups), "patients")):
        made = comparison_report(compared(run, "a", "b"), pictures={}, date="2026-01-31")
        for text in (made.markdown, Elements(made.html).text):
            assert f"With 95 % intervals over {unit}." in text


@pytest.mark.parametrize(("share", "text"), [(0.9962, "99.6 %"), (0.99999, "> 99.9 %"), (1.0, "100 %"), (0.0, "0 %")])
def test_models_that_differ_on_one_image_are_not_said_to_answer_all_alike(
    measured: MeasuredRun, share: float, text: str
) -> None:
    found = compared(measured, "a", "b")
    alike = replace(found, pairs=tuple(replace(pair, agreement=share) for pair in found.pairs))
    made = comparison_report(alike, pictures={}, date="2026-01-31")
    assert f'<td class="number">{text}</td>' in unescape(made.html)
    assert f"| {text} |" in unescape(made.markdown.replace("\\", ""))


def test_a_probability_of_the_true_class_that_is_small_is_not_shown_as_none(measured: MeasuredRun) -> None:
    found = compared(measured, "a", "b", "c")
    images = [replace(one, probabilities=dict.fromkeys(one.probabilities, 0.0031)) for one in found.disagreements]
    made = comparison_report(replace(found, disagreements=tuple(images)), pictures={}, date="2026-01-31")
    assert images
    for text in (made.markdown, Elements(made.html).text):
        assert f"(0.3 % {images[0].label})" in text


def test_hostile_names_are_escaped_in_both_formats_and_drawn(measured: MeasuredRun) -> None:
    made = comparison_report(compared(measured, *HOSTILE), pictures={}, date="2026-01-31")
    page = Elements(made.html)
    assert "<script>" not in made.html
    assert all(tag not in ("script", "link", "iframe") for tag, _ in page.elements)
    assert HOSTILE[0] in page.text
    assert HOSTILE[1] in page.text
    assert "<script>" not in re.sub(r"\\.", "", made.markdown)


def test_thirty_models_have_thirty_rows(measured: MeasuredRun) -> None:
    found = compared(measured, *(f"model-{number}" for number in range(30)))
    page = comparison_report(found, pictures={}, date="2026-01-31")
    assert sum(line.startswith("| 30 |") for line in page.markdown.splitlines()) == 4
    assert f"{found.models[0].name} is better than" in found.sentence


def test_the_report_asks_no_other_host_for_anything_and_holds_its_pictures(
    measured: MeasuredRun, tmp_path: Path
) -> None:
    found = compared(measured, "dala", "resnet50", "cbam20")
    Image.new("RGB", (900, 300), "pink").save(tmp_path / "one.png")
    images = [replace(one, path=tmp_path / "one.png") for one in found.disagreements]
    images[-1] = replace(images[-1], path=tmp_path / "gone.png")
    write_comparison_report(tmp_path / "report", replace(found, disagreements=tuple(images)))
    page = Elements((tmp_path / "report" / "report.html").read_text())
    pictures = [attributes["src"] or "" for tag, attributes in page.elements if tag == "img"]
    assert len(pictures) == len(images) - 1
    assert all(picture.startswith("data:image/jpeg;base64,") for picture in pictures)
    assert images[-1].key in page.text


def test_a_model_that_gives_all_images_one_class_is_said_to_do_so(measured: MeasuredRun) -> None:
    constant = replace(measured, path="constant", logits=np.tile([[1.0, -1.0]], (len(measured.labels), 1)))
    models = [ComparedModel(name=name, runs=(run,)) for name, run in (("a", measured), ("b", constant))]
    assert "1 of 1 trainings of b give all images the same class" in compare_models(models).notes


def test_what_was_not_done_depends_on_what_was_done(measured: MeasuredRun) -> None:
    once = comparison_report(compared(measured, "a", "b"), pictures={}, date="2026-01-31").markdown
    several = comparison_report(compared(measured, "a", "b", runs=3, margin=0.1), pictures={}, date="-").markdown
    assert "Each model was trained once" in once
    assert "No margin of non-inferiority was stated" in once
    assert "All trainings had the same training images" in several
    assert "No margin" not in several
    assert "± " in several
