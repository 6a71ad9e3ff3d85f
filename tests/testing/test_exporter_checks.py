"""The conformance kit for export formats: ours pass it, and each mistake is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import zoo
from tests.installed_packages import Site
from zoo.errors import ExportError, MissingExtraError, PluginError, UnknownNameError
from zoo.exporting import EXPORTERS
from zoo.spec import Exporter
from zoo.testing import check_exporter, exporter_outcomes

REGISTER = """
import zoo
from zoo.spec import Exporter

NAMES = ("right", "one_image", "other_logits", "one_output", "numbers", "writes_nothing", "two_files", "raises",
         "exits", "prints", "trains")

@zoo.hookimpl
def zoo_register_exporters(register):
    for name in NAMES:
        register(Exporter(name=name, title=name.upper(), summary="for a test", suffix=".frozen", runs_with="torch",
                          write=f"formats.files:{name}", run=f"formats.files:run_{name}"))
    register(Exporter(name="missing", title="M", summary="for a test", suffix=".none", runs_with="nothing",
                      write="formats.files:right", run="formats.files:run_right", needs=("no_such_package",)))
"""
FUNCTIONS = """
import sys
import torch

def right(network, images, path, metadata):
    torch.save(network, path)

def run_right(path):
    return torch.load(path, weights_only=False)

def run_one_image(path):
    run = run_right(path)
    return lambda images: run(images) if len(images) == 2 else run("one image")

def run_other_logits(path):
    run = run_right(path)
    return lambda images: (run(images)[0] + 1, run(images)[1])

def run_one_output(path):
    run = run_right(path)
    return lambda images: run(images)[0]

def run_numbers(path):
    run = run_right(path)
    return lambda images: tuple(output.detach().numpy() for output in run(images))

def writes_nothing(network, images, path, metadata):
    pass

def two_files(network, images, path, metadata):
    right(network, images, path, metadata)
    path.with_suffix(".json").write_text(repr(metadata))

def raises(network, images, path, metadata):
    raise NotImplementedError("attention")

def exits(network, images, path, metadata):
    sys.exit(0)

def prints(network, images, path, metadata):
    print("exporting")
    right(network, images, path, metadata)

def trains(network, images, path, metadata):
    right(network, images, path, metadata)
    with torch.no_grad():
        network.network.conv1.weight.mul_(1.0000001)

for name in ("writes_nothing", "two_files", "raises", "exits", "prints", "trains"):
    globals()[f"run_{name}"] = run_right
for name in ("one_image", "other_logits", "one_output", "numbers"):
    globals()[name] = right
"""


@pytest.fixture(scope="module", autouse=True)
def _formats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("formats", REGISTER)
    (site.folder / "formats" / "files.py").write_text(FUNCTIONS)
    with site.in_this_process():
        yield


def test_a_correct_format_passes_every_check() -> None:
    check_exporter("right")


@pytest.mark.slow
@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda one: one.name)
def test_our_formats_pass_every_check(exporter: Exporter) -> None:
    check_exporter(exporter.name)


@pytest.mark.parametrize(
    ("name", "check", "said"),
    [
        ("one_image", "gives_what_the_model_gives", "cannot be run with 1 images"),
        ("other_logits", "gives_what_the_model_gives", "its logits differ by 1 in a batch of 2"),
        ("one_output", "gives_what_the_model_gives", "not two tensors: logits, probabilities"),
        ("numbers", "gives_what_the_model_gives", "not two tensors: logits, probabilities"),
        ("writes_nothing", "gives_what_the_model_gives", "formats.files:writes_nothing has not written the file"),
        ("raises", "gives_what_the_model_gives", "formats.files:raises failed: NotImplementedError: attention"),
        ("exits", "gives_what_the_model_gives", "formats.files:exits failed: SystemExit: 0"),
        ("missing", "gives_what_the_model_gives", "this needs no_such_package, which is not installed"),
        ("two_files", "writes_one_file", "writes model.frozen, model.json"),
        ("prints", "writes_one_file", "prints 'exporting'"),
        ("trains", "gives_what_the_model_gives", "changes the weights of the network"),
    ],
)
def test_a_mistake_of_a_format_is_found_by_the_check_for_it(name: str, check: str, said: str) -> None:
    errors = {outcome.check: outcome.error for outcome in exporter_outcomes(name) if outcome.error}
    assert said in (errors[check] if name != "trains" else errors["writes_one_file"])


def test_an_unknown_format_is_an_error_that_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown format 'onxx'"):
        check_exporter("onxx")


def test_a_model_is_exported_to_the_format_of_a_plugin_which_is_chosen_by_its_suffix(tmp_path: Path) -> None:
    bundle = zoo.create_model("resnet20", options={"depth": 8}).save(tmp_path / "bundle")
    exported = zoo.export(bundle, tmp_path / "model.frozen", progress=False)
    assert exported.exporter.name == "right"
    assert exported.largest_difference.logits < 1e-4
    for name, kind in (("other_logits", ExportError), ("raises", PluginError), ("exits", PluginError)):
        with pytest.raises(kind):
            zoo.export(bundle, tmp_path / "wrong.frozen", format=name, progress=False)
    with pytest.raises(MissingExtraError, match="no_such_package"):
        zoo.export(bundle, tmp_path / "wrong.none", progress=False)
    assert {path.name for path in tmp_path.iterdir()} == {"bundle", "model.frozen"}, "what is not right is not kept"


def test_a_format_that_writes_two_files_is_refused_and_neither_stays(tmp_path: Path) -> None:
    """One of them would have a name of its own, and the file that is exported would not run without it."""
    bundle = zoo.create_model("resnet20", options={"depth": 8}).save(tmp_path / "bundle")
    with pytest.raises(PluginError, match=r"formats\.files:two_files writes other files too: model\.json") as caught:
        zoo.export(bundle, tmp_path / "new" / "model.frozen", format="two_files", progress=False)
    assert "a model must be one file, which can be moved" in str(caught.value)
    assert not list((tmp_path / "new").iterdir())
