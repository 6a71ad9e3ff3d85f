from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from zoo import train
from zoo.registry import registry
from zoo.training.code_version import COMPUTING, NOT_COMPUTING, code_hash, code_version
from zoo.training.loop import TrainingLoop


def _hash(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return code_hash.__wrapped__(path)


def test_comments_docstrings_and_layout_do_not_change_the_hash_of_code(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    plain = _hash(file, "def double(x: int) -> int:\n    return 2 * x\n")
    assert plain == _hash(
        file, '"""Doubling."""\n\n\ndef double(x: int) -> int:  # twice\n    """Return 2x."""\n    return 2*x\n'
    )
    assert plain == _hash(file, "def double(\n    x: int,\n) -> int:\n    return (2 * x)\n")


@pytest.mark.parametrize("text", ["return 3 * x", "return 2 * x + 0", "return 2.0 * x"])
def test_different_code_changes_the_hash(tmp_path: Path, text: str) -> None:
    file = tmp_path / "module.py"
    before = _hash(file, "def double(x):\n    return 2 * x\n")
    assert before != _hash(file, f"def double(x):\n    {text}\n")


def test_a_string_that_is_a_value_changes_the_hash_of_code(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    assert _hash(file, 'MODE = "mean"\n') != _hash(file, 'MODE = "sum"\n')


def test_a_file_that_this_python_cannot_parse_is_hashed_byte_by_byte(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    assert _hash(file, "print 1\n") != _hash(file, "print 2\n")


def test_the_code_version_has_a_hash_for_each_computing_module_of_the_core_and_the_plugin() -> None:
    found = code_version(registry().model("resnet20"), ["symmetries"])
    assert {"histozoo", "torch", "numpy", "pillow", "scipy", "imbalanced-learn", "timm", "python"} <= set(found)
    assert {"zoo.training.step", "zoo.data.augmentation.stain", "zoo.nn.small_resnet", "zoo.device"} <= set(found)
    assert any(name.startswith("zoo_baselines.") for name in found)


LOOKING_UP = ("zoo.imports", "zoo.plugin_code", "zoo.plugins.loading", "zoo.registry.registry")
REPORTING = ("zoo.errors", "zoo.config.plain", "zoo.progress", "zoo.runs.history", *LOOKING_UP)
"""What is called in or between the steps of a training and changes no number: it reports, or finds a function."""


def test_every_module_that_runs_in_a_training_is_compared_or_named_as_one_that_computes_nothing(
    quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: set[str] = set()
    loop = TrainingLoop.run

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            ran.add(frame.f_globals.get("__name__", ""))

    def noting(*arguments: Any, **keywords: Any) -> Any:
        sys.setprofile(note)
        try:
            return loop(*arguments, **keywords)
        finally:
            sys.setprofile(None)

    monkeypatch.setattr(TrainingLoop, "run", noting)
    changes = {"mixing": "mixup", "sampling": "balanced", "averaging": 0.5, "epochs": 1}
    code = train("cbam20", out=tmp_path / "run", **{**quick, **changes}).record.code
    excluded = (*REPORTING, *(f"zoo.{name}" for name in NOT_COMPUTING))
    ours = {name for name in ran if name.partition(".")[0] in ("zoo", "zoo_cbam")}
    assert {"zoo.training.step", "zoo.evaluation.inference", "zoo_cbam.cbam_resnet"} <= ours
    assert [name for name in sorted(ours - set(code)) if not name.startswith(excluded)] == []


@pytest.mark.parametrize(
    "module", ["training.curves", "training.messages", "data.inspection.findings", "cli.main", "text"]
)
def test_modules_that_cannot_change_a_number_are_not_in_the_code_version(module: str) -> None:
    assert f"zoo.{module}" not in code_version(registry().model("resnet20"), ["symmetries"])


@pytest.mark.parametrize("name", [*COMPUTING, *NOT_COMPUTING])
def test_every_module_listed_as_computing_or_not_exists(name: str) -> None:
    assert find_spec(f"zoo.{name}") is not None
