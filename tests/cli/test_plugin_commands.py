"""The commands of plugins: their place in the help, and what happens if they fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cli.test_lazy_imports import HEAVY, RUNNER, modules
from tests.installed_packages import Answer, Site
from zoo.cli.main import COMMANDS
from zoo.registry import registry

Command = Callable[..., Answer]

HEAD = """
import zoo
from zoo.spec import Command

@zoo.hookimpl
def zoo_register_commands(register):
    for name in {names!r}:
        register(Command(name=name, command="{package}.commands:" + name.replace("-", "_"), summary="for a test"))
"""
NAMES = ("greet", "several", "fails", "exits", "says-why", "counts", "not_a_command", "gone", "aborts", "wrong_use")
FUNCTIONS = """
import sys
import click
import torch
from zoo.cli import json_option, print_json
from zoo.errors import UsageError

print("a stranger who prints")

@click.command()
@click.option("--name", default="you", help="Whom to greet.")
@json_option
def greet(name, as_json):
    "Greet somebody."
    print("greeting")
    if as_json:
        print_json({"greeted": name})

@click.group()
def several():
    "Several commands."

@several.command()
def inner():
    "One of them."
    click.echo("inner")

@click.command()
def fails():
    {}["colour"]

@click.command()
def exits():
    sys.exit(7)

@click.command()
def says_why():
    raise UsageError("no slides here", hint="copy them")

@click.command()
def counts():
    return 5

@click.command()
def aborts():
    raise click.Abort

@click.command()
def wrong_use():
    raise click.UsageError("no such slide")

def not_a_command():
    pass
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("lab", HEAD.format(names=NAMES, package="lab"))
    (site.folder / "lab" / "commands.py").write_text(FUNCTIONS)
    site.install("thief", HEAD.format(names=("mine", "train"), package="thief"))
    site.install("zz-late", HEAD.format(names=("greet",), package="zz_late"))
    for number, name in enumerate(("--help", "../x", "two words", "", "new\nline", "$(reboot)")):
        site.install(f"hostile{number}", HEAD.format(names=(name,), package=f"hostile{number}"))
    hostile = HEAD.format(names=("fine",), package="painted").replace("for a test", "\\x1b[31mred")
    site.install("painted", hostile)
    return site


@pytest.fixture
def here(site: Site, command: Command) -> Iterator[Command]:
    """The `zoo` command in this process, with the packages installed."""
    with site.in_this_process():
        yield command


def test_help_lists_the_commands_of_a_plugin_in_a_section_that_names_it(here: Command) -> None:
    answer = here("--help")
    assert (answer.status, answer.err) == (0, "")
    ours, _, theirs = answer.out.partition("Commands of the plugin lab (lab 1.0):\n")
    assert all(f"  {name} " in ours for name in COMMANDS)
    assert [line.split()[0] for line in theirs.splitlines()] == list(NAMES)


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["plugins"], ["lst"]], ids=" ".join)
def test_no_command_of_a_plugin_is_imported_unless_it_runs(site: Site, words: list[str]) -> None:
    loaded = modules(site.python("-c", RUNNER, *words))
    assert "lab.commands" not in loaded
    assert not loaded & HEAVY


def test_completion_offers_the_commands_of_plugins_without_importing_them(site: Site) -> None:
    words = {"_ZOO_COMPLETE": "bash_complete", "COMP_WORDS": "zoo gr", "COMP_CWORD": "1"}
    answer = site.python("-c", RUNNER, env=words)
    assert answer.out.split() == ["plain,greet"]
    assert "lab.commands" not in modules(answer)


def test_a_command_of_a_plugin_runs_and_so_does_a_group_of_them(here: Command) -> None:
    assert here("greet").out.endswith("greeting\n")
    assert here("several", "inner").out == "inner\n"
    assert "Usage: zoo several [OPTIONS] COMMAND" in here("several", "--help").out


def test_with_json_standard_output_has_one_document_whatever_a_plugin_prints(here: Command) -> None:
    sys.modules.pop("lab.commands", None)  # it prints when it is imported
    answer = here("greet", "--name", "me", "--json")
    assert json.loads(answer.out) == {"greeted": "me"}
    assert "a stranger who prints" in answer.err
    assert "greeting" in answer.err


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("fails", 1, "error: command fails of the plugin lab (lab 1.0) (FILE:30): lab.commands:fails failed: KeyError"),
        ("exits", 7, ""),
        ("says-why", 1, "error: no slides here\n  copy them\n"),
        ("counts", 0, ""),
        ("aborts", 130, "interrupted"),
        ("wrong_use", 2, "no such slide"),
        (
            "not_a_command",
            1,
            "lab.commands:not_a_command is not a command\n  decorate the function with @click.command",
        ),
        ("gone", 1, "'lab.commands:gone' cannot be imported: AttributeError"),
        ("gret", 2, "unknown command 'gret'; did you mean greet?"),
    ],
)
def test_a_command_of_a_plugin_that_fails_is_an_error_without_a_traceback(
    site: Site, here: Command, name: str, status: int, said: str
) -> None:
    answer = here(name)
    assert answer.status == status
    assert said.replace("FILE", str(site.folder / "lab" / "commands.py")) in answer.err
    assert "Traceback" not in answer.err


def test_debug_shows_the_traceback_of_a_plugins_command(here: Command) -> None:
    assert '{}["colour"]' in here("fails", "--debug").err


@pytest.fixture(scope="module")
def errors(site: Site) -> dict[str, Any]:
    return {row["name"]: row["error"] for row in site.zoo("plugins", "--json").json}


def test_a_plugin_cannot_take_the_name_of_a_command_of_the_zoo(errors: dict[str, Any], here: Command) -> None:
    assert "registers the command 'train', which commands (histozoo" in errors["thief"]
    assert "unknown command 'mine'" in here("mine").err
    assert "thief" in here("mine").err, "a plugin works as a whole or not at all, and broken ones are named"
    assert "Usage: zoo train" in here("train", "--help").out


def test_of_two_plugins_with_the_same_command_the_error_names_both(errors: dict[str, Any]) -> None:
    assert errors["lab"] is None
    assert "registers the command 'greet', which lab (lab 1.0) already registers" in errors["zz_late"]


@pytest.mark.parametrize("number", range(6))
def test_a_hostile_name_of_a_command_is_refused(errors: dict[str, Any], number: int) -> None:
    assert "cannot be the name of a command" in errors[f"hostile{number}"]


def test_a_line_of_help_with_control_characters_is_refused(errors: dict[str, Any]) -> None:
    assert "fine: summary must be one line of text" in errors["painted"]


def test_a_misspelt_name_in_zoo_plugins_does_not_matter_for_the_help(
    here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_PLUGINS", "dalla")
    answer = here("--help")
    assert (answer.status, answer.err) == (0, "")
    assert "greet" not in answer.out


def test_commands_of_plugins_run_beside_an_invalid_registry_file(
    here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_REGISTRY", "nowhere.yaml")
    registry.cache_clear()
    assert here("list").status == 1
    assert here("greet").out.endswith("greeting\n")
