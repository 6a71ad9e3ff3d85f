"""Strange packages, all installed at once: a broken one is listed with its error, and everything else goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.installed_packages import Answer, Site
from tests.plugins.strange_packages import BROKEN, HEAD, MODELS, SOUND, UNRELATED, install, install_metadata

DAMAGED = {
    "damaged_points": ((("entry_points.txt", b"[zoo]\nthis is no entry point\n"),), "entry_points.txt is damaged"),
    "damaged_bytes": (
        (("entry_points.txt", b"[zoo]\nx = caf\xe9\n"),),
        "entry_points.txt is damaged: UnicodeDecodeError",
    ),
    "damaged_metadata": (
        (("METADATA", b"Name: damaged_metadata\nAuthor: Andr\xe9\n"), ("entry_points.txt", b"[zoo]\ndm = plain\n")),
        "its METADATA is damaged",
    ),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    for name, package in [*BROKEN.items(), *SOUND.items()]:
        install(site, name, package)
    for name, files in UNRELATED.items():
        install_metadata(site, name, files)
    for name, (files, _) in DAMAGED.items():
        install_metadata(site, name, files)
    return site


@pytest.fixture(scope="module")
def shown(site: Site) -> Answer:
    return site.zoo("plugins", "--json")


@pytest.fixture(scope="module")
def rows(shown: Answer) -> dict[str, dict[str, Any]]:
    assert shown.status == 0, shown.err
    return {row["distribution"]: row for row in shown.json}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_package_is_listed_with_file_and_line_and_registers_nothing(
    rows: dict[str, dict[str, Any]], name: str
) -> None:
    row = rows[name]
    assert BROKEN[name].said in row["error"]
    assert len(row["error"]) < 3_000
    assert (row["models"], row["sources"], row["files"]) == ([], [], [])


@pytest.mark.parametrize("name", DAMAGED)
def test_a_plugin_with_damaged_metadata_is_listed_with_the_file(rows: dict[str, dict[str, Any]], name: str) -> None:
    assert DAMAGED[name][1] in rows[name]["error"]
    assert f"{name}-1.0.dist-info" in rows[name]["error"]


@pytest.mark.parametrize("name", UNRELATED)
def test_a_package_that_is_no_plugin_may_have_any_metadata(rows: dict[str, dict[str, Any]], name: str) -> None:
    assert name not in rows


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_package_works_beside_broken_ones(site: Site, rows: dict[str, dict[str, Any]], name: str) -> None:
    assert rows[name]["error"] is None


def test_the_models_of_sound_packages_and_of_ours_are_listed_and_no_others(site: Site) -> None:
    listed = site.zoo("list", "--json")
    assert listed.status == 0, listed.err
    names = {row["name"] for row in listed.json}
    assert {"dala", "resnet50", *(model for package in SOUND.values() for model in package.models)} <= names
    assert "lost" not in names
    assert "Traceback" not in listed.err


def test_what_plugins_print_is_on_standard_error_and_standard_output_is_one_json_document(shown: Answer) -> None:
    assert isinstance(shown.json, list)
    for text in ("hello from prints", "and its hook", "hello from C", "hello from echo", "from a thread"):
        assert text in shown.err


def test_damaged_metadata_do_not_matter_when_no_plugin_is_loaded(site: Site) -> None:
    answer = site.zoo("plugins", "--json", env={"ZOO_PLUGINS": "none"})
    assert answer.status == 0, answer.err


def test_our_models_are_described_and_our_data_listed_beside_broken_packages(site: Site) -> None:
    assert "DALAResNet50" in site.zoo("show", "dala").out
    assert site.zoo("data", "list").status == 0


CTRL_C = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"


@pytest.mark.parametrize("code", [CTRL_C, f"try:\n    exec({CTRL_C!r})\nexcept KeyboardInterrupt:\n    pass\n"])
def test_ctrl_c_while_a_plugin_loads_ends_the_command(tmp_path: Any, code: str) -> None:
    site = Site(tmp_path / "site")
    site.install("interrupted", code)
    answer = site.zoo("list")
    assert (answer.status, answer.out) == (130, "")
    assert answer.err.strip() == "error: interrupted"


def test_a_minus_in_zoo_plugins_leaves_a_plugin_out(tmp_path: Any) -> None:
    site = Site(tmp_path / "site")
    site.install("slow", HEAD + MODELS + "register(architecture('slow_net'))")
    answer = site.zoo("list", env={"ZOO_PLUGINS": "-slow"})
    assert "slow_net" not in answer.out
    assert "dala" in answer.out
    assert "not loaded because of ZOO_PLUGINS: slow" in answer.err
