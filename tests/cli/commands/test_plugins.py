from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import zoo
from tests.cli.conftest import one_document
from tests.installed_packages import Answer, Site

Command = Callable[..., Answer]


def test_zoo_plugins_prints_what_each_plugin_registers(run: Command) -> None:
    answer = run("plugins")
    assert (answer.status, answer.err) == (0, "")
    lines = {line.split()[0]: line for line in answer.out.splitlines() if len(line.split()) > 3}
    assert f"histozoo {zoo.__version__}" in lines["dala"]
    assert "models: dala" in lines["dala"]
    listed = lines["sources"].partition("data sources: ")[2].replace(",", " ").split()
    assert {"breakhis", "folder", "sample"} <= set(listed)
    assert "BROKEN" not in answer.out


def test_zoo_plugins_json_has_a_document_for_every_plugin(run: Command) -> None:
    rows = one_document(run("plugins", "--json"))
    assert isinstance(rows, list)
    found = {row["name"]: row for row in rows}
    assert found["dala"] == {
        "name": "dala",
        "module": "zoo_dala",
        "distribution": "histozoo",
        "version": zoo.__version__,
        "models": ["dala"],
        "sources": [],
        "augmentations": [],
        "explanation_methods": [],
        "measures": [],
        "exporters": [],
        "commands": [],
        "files": [],
        "error": None,
    }
    assert {"breakhis", "folder", "sample"} <= set(found["sources"]["sources"])


def test_zoo_plugins_prints_a_long_error_completely(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.install("talkative", "raise RuntimeError('begin ' + 'q' * 500 + ' end')")
    out = site.zoo("plugins").out
    assert out.partition("BROKEN: ")[2].count("q") == 500
    assert "BROKEN: " in out
    assert "__init__.py:1: RuntimeError: begin" in out
    assert "end" in out


def test_a_plugin_with_only_a_registry_file_is_listed_with_it(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.install(
        "rows-only",
        "from pathlib import Path\nimport zoo\n\n@zoo.hookimpl\ndef zoo_registry_files():\n"
        "    return [Path(__file__).with_name('registry.yaml')]\n",
        registry="models:\n  mine: {architecture: dala}\n",
    )
    assert "registry files: registry.yaml" in site.zoo("plugins").out
    row = site.zoo("plugins", "--json").json[-1]
    assert row["files"] == [str(site.folder / "rows_only" / "registry.yaml")]
    assert " mine " in site.zoo("list").out
