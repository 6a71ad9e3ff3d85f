"""The `zoo` command: help, usage, errors, interrupts, registry files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

import zoo
import zoo.registry
from tests.installed_packages import Answer, Site
from zoo.cli.main import COMMANDS
from zoo.errors import ZooError

Command = Callable[..., Answer]
Rows = Callable[..., str]


def failing(error: BaseException) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise error

    return fail


DATA_COMMANDS = ("audit", "inspect", "preview")


def test_zoo_version_prints_the_version(run: Command) -> None:
    answer = run("--version")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == f"histozoo, version {zoo.__version__}\n"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_zoo_help_lists_every_command(run: Command, flag: str) -> None:
    answer = run(flag)
    assert (answer.status, answer.err) == (0, "")
    for name, what in COMMANDS.items():
        assert f"  {name} " in answer.out
        assert what in answer.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Command, name: str) -> None:
    answer = run(name, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith(f"Usage: zoo {name}")
    assert len(answer.out.splitlines()) > 4


@pytest.mark.parametrize("words", [["train"], ["evaluate"], ["compare"], *(["data", one] for one in DATA_COMMANDS)])
def test_only_a_training_takes_the_synthetic_sample_unless_data_are_named(run: Command, words: list[str]) -> None:
    assert ("default: sample" in run(*words, "--help").out) == (words == ["train"])


def _groups(help_text: str) -> dict[str, str]:
    """The options in the help of a command, by the heading above them."""
    parts = re.split(r"^(\S.*):\n", help_text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (" ".join(part.split()) for part in parts[2::2]), strict=True))


@pytest.mark.parametrize("name", ["evaluate", "compare", "reproduce", "train", "benchmark", "data audit"])
def test_json_and_device_are_in_the_same_group_with_the_same_help_everywhere(run: Command, name: str) -> None:
    groups = _groups(run(*name.split(), "--help").out)
    assert groups["Other"] == "-h, --help Show this message and exit."
    assert "--json Print one JSON document instead of text." in groups["Output"]
    assert "--device" in groups["With --train" if name == "data audit" else "Computing"]


def test_the_threshold_of_an_evaluation_is_not_an_option_of_training(run: Command) -> None:
    groups = _groups(run("evaluate", "--help").out)
    assert "Training" not in groups
    assert "--threshold" in groups["Output"]


def test_the_help_of_the_audit_begins_with_the_data_and_has_the_training_last(run: Command) -> None:
    answer = run("data", "audit", "--help")
    groups = _groups(answer.out)
    assert list(groups) == ["Data", "Output", "With --train", "Other"]
    assert "--init" in groups["With --train"]
    assert "Seed of the split and the training. [default: 0]" in groups["Data"]


def test_zoo_without_a_command_shows_the_help(run: Command) -> None:
    answer = run()
    assert answer.status == 2
    assert "Commands:" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lst"], "unknown command 'lst'; did you mean list?"),
        (["xyz"], "unknown command 'xyz'; known: "),
        (["dala"], "'dala' is a model, not a command; try `zoo train dala` or `zoo show dala`"),
        (["show"], "Missing argument 'NAME'"),
        (["show", "dala", "resnet50"], "unexpected extra argument"),
        (["list", "--jsn"], "No such option"),
        (["--registri", "x", "list"], "No such option"),
        (["train", "dala", "--epochs", "ten"], "Invalid value for '--epochs': must be a whole number, not 'ten'"),
        (["train", "dala", "--lr", "nan"], "Invalid value for '--lr': must be a number, not 'nan'"),
        (["train", "dala", "-o", "magnification"], "'magnification' is not KEY=VALUE"),
        (["train", "dala", "-m", "=5"], "'=5' is not KEY=VALUE"),
        (
            ["train", "dala", "-m", "gate-kind=a", "-m", "gate_kind=b"],
            "two values of 'gate_kind' are given: 'a' and 'b'",
        ),
        (["data", "inspect", "x", "-o", "a=1", "-o", "a=2"], "two values of 'a' are given: '1' and '2'"),
        (["evaluate", "x", "-o", "a=1", "-o", "b=", "-o", "a="], "two values of 'a' are given: '1' and ''"),
        (["predict"], "Missing argument 'MODEL... PATH...'"),
    ],
)
def test_wrong_usage_exits_with_status_2(run: Command, words: list[str], said: str) -> None:
    answer = run(*words)
    assert (answer.status, answer.out) == (2, "")
    assert said in " ".join(answer.err.split())
    assert "Traceback" not in answer.err


def test_a_model_of_a_users_registry_file_typed_as_a_command_is_recognized(run: Command, rows: Rows) -> None:
    answer = run("--registry", rows("mine"), "mine")
    assert answer.status == 2
    assert "'mine' is a model, not a command" in answer.err


def test_an_unknown_command_is_reported_even_with_an_invalid_registry_file(run: Command) -> None:
    answer = run("--registry", "nowhere.yaml", "lst")
    assert answer.status == 2
    assert "did you mean list?" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "dalla"], "error: unknown model or recipe 'dalla'\n  did you mean dala?\n"),
        (["show", "DALA"], "error: unknown model or recipe 'DALA'\n  did you mean dala?\n"),
        (["train", "dalla"], "error: unknown model 'dalla'\n  did you mean dala?\n"),
        (["list", "dalla"], "error: unknown model 'dalla'\n  did you mean dala?\n"),
        (
            ["train", "dala", "--data", "breakhiss"],
            "error: unknown data source 'breakhiss'\n  did you mean breakhis?\n",
        ),
        (["train", "dala", "--recipe", "moden"], "error: unknown recipe 'moden'\n  did you mean modern?\n"),
        (["train", "dala", "-m", "gat=relu"], "error: unknown option of dala 'gat'\n  did you mean gate?\n"),
    ],
)
def test_an_error_exits_with_status_1_and_says_what_to_do(
    run: Command, tmp_path: Path, words: list[str], said: str
) -> None:
    answer = run(*words)
    assert (answer.status, answer.out, answer.err) == (1, "", said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_shows_the_traceback_before_and_after_the_command(run: Command, place: str) -> None:
    words = ["show", "dalla"]
    answer = run("--debug", *words) if place == "before" else run(*words, "--debug")
    assert answer.status == 1
    assert "Traceback" in answer.err
    assert answer.err.endswith("error: unknown model or recipe 'dalla'\n  did you mean dala?\n")


def test_debug_changes_no_output_without_an_error(run: Command) -> None:
    assert run("--debug", "list").out == run("list").out


def test_an_error_of_the_operating_system_names_its_file(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo.registry, "registry", failing(PermissionError(13, "Permission denied", "/data/x.png")))
    answer = run("list")
    assert (answer.status, answer.out, answer.err) == (1, "", "error: /data/x.png: Permission denied\n")


def test_a_programming_error_shows_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a bug of the zoo, and the traceback is needed to fix it."""
    monkeypatch.setattr(zoo.registry, "registry", failing(RuntimeError("ours")))
    with pytest.raises(RuntimeError, match="ours"):
        zoo.cli.main(["list"])


def test_an_interrupt_exits_with_status_130(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo.registry, "registry", failing(KeyboardInterrupt()))
    answer = run("list")
    assert answer.status == 130
    assert answer.err.strip() == "error: interrupted"


def test_an_error_is_printed_with_file_and_message_and_then_the_hint(
    run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo.registry, "registry", failing(ZooError("wrong", where="a.yaml:3", hint="mend it")))
    assert run("list").err == "error: a.yaml:3: wrong\n  mend it\n"


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["show", "dala"], ["plugins", "--json"]])
def test_a_closed_pipe_is_not_an_error(tmp_path: Path, words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "zoo", *words], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.returncode in (0, 1)
    assert done.stderr == b""


def test_the_registry_option_adds_the_models_of_a_file(run: Command, rows: Rows) -> None:
    answer = run("--registry", rows("mine"), "--registry", rows("yours"), "list")
    assert answer.status == 0
    for name in ("mine", "yours", "dala", "resnet50"):
        assert f" {name} " in answer.out


def test_the_registry_option_works_after_the_command(run: Command, rows: Rows) -> None:
    for words in (["--registry", rows("mine")], [f"--registry={rows('mine')}"]):
        assert " mine" in run("list", *words).out
    assert run("list", "--registry").status == 2


def test_registry_files_of_the_option_and_the_environment_are_both_read(
    run: Command, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_REGISTRY", rows("theirs"))
    answer = run("list", "--registry", rows("mine"))
    assert " mine" in answer.out
    assert " theirs" in answer.out


def test_zoo_registry_may_name_several_files(run: Command, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_REGISTRY", os.pathsep.join([rows("mine"), rows("yours")]))
    answer = run("list")
    assert {"mine", "yours", "dala"} <= set(answer.out.split())


def test_a_registry_file_may_replace_a_model_of_the_zoo(run: Command, rows: Rows) -> None:
    answer = run("--registry", rows("dala", "    recipe: quick\n    summary: mine now\n"), "show", "dala")
    assert "mine now" in answer.out
    assert "dala.yaml:2" in answer.out


def test_one_model_in_two_registry_files_is_an_error(run: Command, rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / "mine.yaml"
    again.write_text(Path(rows("mine")).read_text())
    answer = run("--registry", rows("mine"), "--registry", str(again), "list")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"error: {again}:2: model 'mine' is already defined at {rows('mine')}:2\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, ": cannot be read: No such file or directory\n"),
        ("models: ]", ":1: is not YAML"),
        ("hello", ":1: must be a mapping"),
        ("modles: {}", ":1: unknown key 'modles'\n  did you mean models?\n"),
        (
            "models:\n  mine: {architecture: dala, recipe: moden}",
            ":2: model 'mine': unknown recipe 'moden'\n  did you mean",
        ),
        ("models:\n  mine: {architecture: dala, parameters: x}", ":2: parameters must be a whole number"),
        (
            "models:\n  mine: {architecture: dalla}",
            ":2: model 'mine': unknown architecture 'dalla'\n  did you mean dala?",
        ),
    ],
)
@pytest.mark.parametrize("words", [["list"], ["show", "dala"], ["train", "dala"]])
def test_an_invalid_registry_file_is_an_error_with_its_line(
    run: Command, tmp_path: Path, text: str | None, said: str, words: list[str]
) -> None:
    file = tmp_path / "rows.yaml"
    if text is not None:
        file.write_text(text)
    answer = run("--registry", str(file), *words)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"error: {file}{said}")
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "models:\n"])
def test_an_empty_registry_file_changes_nothing(run: Command, tmp_path: Path, text: str) -> None:
    (tmp_path / "rows.yaml").write_text(text)
    assert run("--registry", str(tmp_path / "rows.yaml"), "list").out == run("list").out


def test_python_m_zoo_runs_the_command(tmp_path: Path) -> None:
    answer = Site(tmp_path / "site").python("-m", "zoo", "--version")
    assert answer.out == f"histozoo, version {zoo.__version__}\n"
