"""Shell completion of commands and values."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from tests.installed_packages import Answer
from zoo.cli.completion import complete_augmentation, complete_recipe, complete_run
from zoo.cli.main import cli
from zoo.registry import registry
from zoo.runs import Run

Command = Callable[..., Answer]
Complete = Callable[..., list[str]]
FALLBACK = ("dir", "file")
"""Types of completion that a shell does by itself."""


def completions(command: click.Command, words: str) -> list[tuple[str, str]]:
    """What is offered for the last of these words: the type and the value of each."""
    *before, last = words.split(" ")
    items = ShellComplete(command, {}, "zoo", "_ZOO_COMPLETE").get_completions(before, last)
    return [(item.type, item.value) for item in items]


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> Iterator[Complete]:
    """`complete("show da")` are the words offered after `zoo show da`."""
    monkeypatch.setenv("ZOO_REGISTRY", "")
    registry.cache_clear()
    yield lambda words, command=cli: [value for kind, value in completions(command, words) if kind not in FALLBACK]
    registry.cache_clear()


@pytest.fixture
def models(trained: Run, tmp_path: Path) -> None:
    """A run, a bundle, a grid and another folder, in the current one."""
    shutil.copytree(trained.path, tmp_path / "runs" / "resnet20-tiles-1")
    shutil.copytree(trained.path, tmp_path / "my run")
    shutil.copytree(trained.bundle, tmp_path / "published")
    (tmp_path / "runs" / "grid-1").mkdir()
    (tmp_path / "runs" / "grid-1" / "grid.yaml").touch()
    (tmp_path / "notes").mkdir()


@pytest.mark.parametrize("command", ["show", "train", "list", "verify"])
def test_names_of_models_are_completed(complete: Complete, command: str) -> None:
    assert complete(f"{command} dal") == ["dala"]
    assert {"resnet20", "resnet50"} <= set(complete(f"{command} resnet"))
    assert {"dala", "resnet50"} <= set(complete(f"{command} "))
    assert complete(f"{command} nothing") == []


def test_zoo_show_completes_names_of_recipes_too(complete: Complete) -> None:
    assert complete("show mod") == ["modern"]


def test_names_of_commands_are_completed(complete: Complete) -> None:
    assert complete("pl") == ["plugins"]
    assert {"list", "show", "train", "demo"} <= set(complete(""))


def test_models_of_a_users_registry_file_are_completed(
    complete: Complete, monkeypatch: pytest.MonkeyPatch, rows: Callable[..., str]
) -> None:
    assert complete(f"--registry {rows('mine')} show mi") == ["mine"]
    monkeypatch.setenv("ZOO_REGISTRY", rows("yours"))
    registry.cache_clear()
    assert complete("show you") == ["yours"]


def test_with_an_invalid_registry_file_nothing_is_completed(
    complete: Complete, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_REGISTRY", "nowhere.yaml")
    assert complete("show da") == []


@pytest.mark.parametrize("command", ["evaluate", "predict", "push", "verify", "demo", "demo published"])
def test_run_and_bundle_folders_are_completed_where_a_trained_model_is_named(
    complete: Complete, models: None, command: str
) -> None:
    run = "runs/resnet20-tiles-1"
    assert complete(f"{command} ru") == [run]
    assert complete(f"{command} runs/resnet20") == [run, f"{run}/bundle"]
    assert complete(f"{command} ./pub") == ["./published"]
    assert {run, "published"} <= set(complete(f"{command} "))
    assert complete(f"{command} not") == []


def test_folders_without_a_model_or_with_quotes_are_left_to_the_shell(models: None) -> None:
    assert completions(cli, "evaluate not") == [("dir", "not")]
    assert completions(cli, "evaluate my") == [("dir", "my")]


def a_command(name: str, complete_value: Callable[..., object]) -> click.Command:
    return click.Command("zoo", params=[click.Option([f"--{name}"], shell_complete=complete_value)])


def test_runs_and_grids_to_resume_are_completed(complete: Complete, models: None) -> None:
    found = complete("--resume runs/", command=a_command("resume", complete_run))
    assert found == ["runs/grid-1", "runs/resnet20-tiles-1"]


@pytest.mark.parametrize("command", ["train", "evaluate", "data inspect", "data preview"])
def test_names_of_data_sources_are_completed_and_paths_left_to_the_shell(complete: Complete, command: str) -> None:
    assert complete(f"{command} --data break") == ["breakhis"]
    assert {"breakhis", "folder", "sample"} <= set(complete(f"{command} --data "))
    assert completions(cli, f"{command} --data ./x") == [("file", "./x")]


def test_only_data_that_can_be_downloaded_are_completed_for_fetch(complete: Complete) -> None:
    assert "breakhis" in complete("data fetch ")
    assert "sample" not in complete("data fetch ")


def test_names_of_recipes_are_completed_and_files_left_to_the_shell(complete: Complete) -> None:
    command = a_command("recipe", complete_recipe)
    assert complete("--recipe liu", command=command) == ["liu2023"]
    assert completions(command, "--recipe mine.y") == [("file", "mine.y")]


def test_the_last_of_several_augmentations_is_completed_and_none_offered_twice(complete: Complete) -> None:
    command = a_command("augment", complete_augmentation)
    assert complete("--augment sy", command=command) == ["symmetries"]
    assert complete("--augment symmetries,s", command=command) == ["symmetries,stain"]
    assert "symmetries,symmetries" not in complete("--augment symmetries,", command=command)


def test_completions_of_models_say_what_they_are() -> None:
    (dala,) = ShellComplete(cli, {}, "zoo", "_ZOO_COMPLETE").get_completions(["show"], "dala")
    assert "attention" in (dala.help or "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_bash_zsh_and_fish_have_a_completion_script(run: Command, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:  # click asks the installed bash for its version
        pytest.skip("no bash here")
    monkeypatch.setenv("_ZOO_COMPLETE", f"{shell}_source")
    answer = run()
    assert answer.status == 0
    assert "_ZOO_COMPLETE" in answer.out


CONFIGURED = ("zoo train", "zoo evaluate", "zoo data preview")
"""Commands whose options are declared as fields of a configuration, with their help."""


def commands(group: click.Group, name: str = "zoo") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        yield f"{name} {word}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")


def test_every_option_has_a_help_text() -> None:
    silent = [
        f"{name} {param.opts[0]}"
        for name, command in commands(cli)
        for param in command.params
        if isinstance(param, click.Option) and not param.help and name not in CONFIGURED
    ]
    assert silent == []


def test_every_command_says_what_it_does() -> None:
    for name, command in commands(cli):
        assert inspect.cleandoc(command.help or ""), name
