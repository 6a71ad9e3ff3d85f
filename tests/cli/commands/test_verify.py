from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

import zoo
from tests.cli.conftest import one_document
from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from tests.installed_packages import Answer
from zoo.bundle.bundle_files import CARD, CONFIG, GOLDEN, METRICS, SEEN, WEIGHTS
from zoo.classifier.golden_outputs import largest_allowed, read_golden
from zoo.hub import push
from zoo.runs import Run
from zoo.testing import Outcome

REPO = "ada/tiles"
Command = Callable[..., Answer]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture
def bundle(trained: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained.bundle, tmp_path / "bundle"))


def test_zoo_verify_of_a_trained_model_lists_its_checks_and_its_verdict(run: Command, trained: Run) -> None:
    answer = run("verify", str(trained))
    assert answer.status == 0, answer.err
    assert answer.out.count("ok      ") == 4
    assert "files with the stated sha256" in answer.out
    allowed = largest_allowed(read_golden(trained.bundle), "float32")
    assert allowed > 0.001, "this network has a logit above 1"
    assert f"{allowed:.3g} is allowed" in answer.out
    assert answer.out.splitlines()[-1].endswith("this is the model that was saved")


def test_zoo_verify_in_another_precision_states_its_tolerance(run: Command, trained: Run) -> None:
    found: Any = one_document(run("verify", str(trained), "--precision", "bfloat16", "--device", "cpu", "--json"))
    assert found["passed"]
    assert found["tolerance"] == 0.05
    assert 0 < found["largest_difference"] < 0.05


@pytest.mark.parametrize(
    ("option", "value"),
    [("--device", ["cuda:7"]), ("--precision", ["bfloat16"]), ("--code", []), ("--device", ["cpu"])],
)
def test_zoo_verify_of_a_name_refuses_what_is_for_a_trained_model(run: Command, option: str, value: list[str]) -> None:
    answer = run("verify", "resnet20", option, *value)
    assert answer.status == 2
    assert answer.out == ""
    assert f"{option} is only for a trained model, and resnet20 is the name of a model" in answer.err


@pytest.mark.parametrize("option", ["--height", "--width"])
@pytest.mark.parametrize("code", [[], ["--code"]])
def test_zoo_verify_of_a_trained_model_refuses_what_is_for_a_name(
    run: Command, trained: Run, option: str, code: list[str]
) -> None:
    answer = run("verify", str(trained), option, "8", *code)
    assert answer.status == 2
    assert answer.out == ""
    assert f"{option} is only for the name of a model" in answer.err


def outdated_metrics(folder: Path) -> None:
    document = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    document["measures"]["values"]["accuracy"] = 0.125
    (folder / METRICS).write_text(json.dumps(document), encoding="utf-8")


def no_metrics(folder: Path) -> None:
    (folder / METRICS).unlink()


def no_metrics_and_no_metadata(folder: Path) -> None:
    no_metrics(folder)
    _, _, body = (folder / CARD).read_text(encoding="utf-8").split("---\n", 2)
    (folder / CARD).write_text(body, encoding="utf-8")


def other_outputs(folder: Path) -> None:
    tensors = load_file(folder / GOLDEN)
    save_file({**tensors, "logits": tensors["logits"] + 1}, folder / GOLDEN)


def edited(name: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / name
        path.write_bytes(
            path.read_bytes().replace(b"research", b"hospitals") if name == CARD else path.read_bytes() + b" "
        )

    return edit


@pytest.mark.parametrize(
    ("damage", "failing"),
    [
        (outdated_metrics, {"the card states a different accuracy from metrics.json, 0.125"}),
        (no_metrics, {"FAILED the card states", "the card states results, and there is no metrics.json"}),
        (no_metrics_and_no_metadata, {"the card states results, and there is no metrics.json"}),
        (edited(CARD), {"README.md was edited within the part that histozoo writes"}),
        (edited(SEEN), {"seen.json is not the file that config.json describes"}),
        (other_outputs, {"golden.safetensors is not the file that config.json describes", "outputs differ"}),
        (lambda folder: (folder / WEIGHTS).unlink(), {"this bundle has no model.safetensors"}),
        (lambda folder: (folder / CONFIG).write_text("{"), {"config.json cannot be read"}),
    ],
)
def test_zoo_verify_names_what_is_wrong_with_a_model_and_fails(
    run: Command, bundle: Path, damage: Callable[[Path], None], failing: set[str]
) -> None:
    damage(bundle)
    answer = run("verify", str(bundle))
    assert answer.status == 1
    text = " ".join((answer.out + answer.err).split())
    assert all(one in text for one in failing)
    assert "ok this" not in text


def test_a_card_without_results_of_a_model_without_metrics_passes(run: Command, hub: Hub, tmp_path: Path) -> None:
    push(zoo.create_model("resnet20", num_classes=2).save_pretrained(tmp_path / "fresh"), REPO)
    answer = run("pull", REPO)
    assert answer.status == 0, answer.err
    assert "there is no metrics.json, and the card says so" in " ".join(answer.err.split())


def test_zoo_pull_verifies_what_it_downloads_and_prints_the_folder_alone(
    run: Command, hub: Hub, trained: Run, bundle: Path
) -> None:
    push(trained.bundle, REPO)
    answer = run("pull", REPO)
    assert answer.status == 0, answer.err
    assert (Path(answer.out.strip()) / WEIGHTS).is_file()
    assert answer.err.count("ok      ") == 4
    files = hub.repositories[REPO].head.files
    hub.repositories[REPO].commit("other", {METRICS: files[METRICS].replace(b'"accuracy": ', b'"accuracy": 0.0')})
    answer = run("pull", f"{REPO}@main", "--json")
    assert answer.status == 1
    assert not json.loads(answer.out)["verdict"]["passed"]
    assert run("pull", REPO, "--no-verify").err == ""


def test_the_code_of_a_trained_model_is_checked_with_its_own_options_and_image_size(
    run: Command, tmp_path: Path
) -> None:
    model = zoo.create_model("resnet20", options={"depth": 8})
    size = replace(model.config.preprocessing, height=24, width=32)
    small = zoo.Classifier(model.network, replace(model.config, entry="of_nobody", preprocessing=size)).eval()
    answer = run("verify", str(small.save(tmp_path / "small")), "--code")
    assert answer.status == 0, answer.out + answer.err
    assert "22 of 22, small_resnet(depth=8) with images of 24x32" in answer.out


def test_an_option_that_the_code_of_a_trained_model_does_not_have_fails_its_checks(run: Command, bundle: Path) -> None:
    document = json.loads((bundle / CONFIG).read_text())
    document["options"]["depth"] = 21
    (bundle / CONFIG).write_text(json.dumps(document))
    answer = run("verify", str(bundle), "--code")
    assert answer.status == 1
    assert "depth must be 6n+2" in answer.err
    assert "nothing was built: the model cannot be loaded" in answer.out
    document["options"]["depth"] = "deep"
    (bundle / CONFIG).write_text(json.dumps(document))
    found: Any = json.loads(run("verify", str(bundle), "--code", "--json").out)
    assert not found["passed"]
    assert "depth must be a whole number, not 'deep'" in found["code"][0]["error"]


def test_no_network_is_built_for_the_checks_of_the_code_if_the_weights_do_not_fit_it(
    run: Command, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The options of a bundle are from anybody, and may describe a network that fills the memory."""

    def built(config: object) -> list[Outcome]:
        raise AssertionError(f"{config} would be built")

    monkeypatch.setattr("zoo.testing.bundle_outcomes", built)
    document = json.loads((bundle / CONFIG).read_text())
    document["options"]["depth"] = 1202
    (bundle / CONFIG).write_text(json.dumps(document))
    answer = run("verify", str(bundle), "--code")
    assert answer.status == 1, answer.err
    assert "the weights do not fit the architecture 'small_resnet'" in answer.err
    assert "nothing was built: the model cannot be loaded" in answer.out
    assert "3 of 5 checks failed" in answer.err
    found: Any = json.loads(run("verify", str(bundle), "--code", "--json").out)
    assert "the weights do not fit the architecture 'small_resnet'" in found["code"][0]["error"]
