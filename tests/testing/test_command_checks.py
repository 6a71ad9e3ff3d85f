"""The conformance kit for commands: ours pass it, and each mistake is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.installed_packages import Site
from zoo.errors import UnknownNameError
from zoo.testing import check_command, command_outcomes

REGISTER = """
import zoo
from zoo.spec import Command

@zoo.hookimpl
def zoo_register_commands(register):
    for name in ("right", "silent", "bare", "function"):
        register(Command(name=name, command=f"cmds.right:{name}", summary="for a test"))
    register(Command(name="noisy", command="cmds.noisy:command", summary="for a test"))
"""
RIGHT = """
import click

@click.group()
def right():
    "Two commands."

@right.command()
@click.option("--size", help="How large.")
def inner(size):
    "One of them."

@click.command()
def silent():
    pass

@click.command()
@click.option("--size")
def bare(size):
    "No help for its option."

def function():
    pass
"""
NOISY = "print('hello')\n" + RIGHT + "\ncommand = right\n"


@pytest.fixture(scope="module", autouse=True)
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("cmds", REGISTER)
    (site.folder / "cmds" / "right.py").write_text(RIGHT)
    (site.folder / "cmds" / "noisy.py").write_text(NOISY)
    with site.in_this_process(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site.folder), prepend=":")
        yield


@pytest.mark.parametrize("name", ["right", "plugins", "data"])
def test_ours_and_a_correct_command_pass_every_check(name: str) -> None:
    check_command(name)


@pytest.mark.parametrize(
    ("name", "check", "said"),
    [
        ("silent", "describes_itself", "zoo silent has no help"),
        ("bare", "describes_itself", "zoo bare: the option --size has no help"),
        ("function", "is_a_click_command", "cmds.right:function is not a command"),
        ("noisy", "prints_nothing_but_its_help", "zoo noisy --help exits with 0 and prints 'hello\\n'"),
    ],
)
def test_a_mistake_of_a_command_is_found_by_the_check_for_it(name: str, check: str, said: str) -> None:
    assert said in {outcome.check: outcome.error for outcome in command_outcomes(name)}[check]


def test_an_unknown_command_is_an_error_that_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown command 'rihgt'"):
        check_command("rihgt")
