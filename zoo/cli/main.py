"""The `zoo` command: its subcommands are imported only when they run."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from zoo.cli.lazy_group import LazyGroup
from zoo.distributed.rank import is_chief, is_distributed
from zoo.errors import Interrupted, ZooError
from zoo.process import collect_garbage_rarely, exit_without_teardown
from zoo.version import __version__

COMMANDS = {
    "list": "all models that can be trained",
    "show": "everything known about a model",
    "plugins": "what is installed, and what is broken",
    "data": "data sets: what there is, and what is wrong with yours",
    "train": "train a model and evaluate it on held-out data",
    "evaluate": "measure a trained model",
    "predict": "say what a trained model sees in images",
    "verify": "check a model's code, or a trained model's files",
    "push": "publish a trained model on the Hugging Face Hub",
    "pull": "fetch a published model",
    "new-plugin": "write a plugin package of your own",
    "cache": "show or clear what can be made again",
    "demo": "compare models in the browser",
}
INTERRUPTED = 130


class Commands(LazyGroup):
    """All of them."""

    package = "zoo.cli.commands"
    lines = COMMANDS


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="histozoo")
@click.option(
    "--registry",
    "files",
    multiple=True,
    type=click.Path(),
    help="A registry file of yours; adds to ours. Can be given more than once, as can ZOO_REGISTRY.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(files: Sequence[str], debug: bool) -> None:  # noqa: ARG001
    """A model zoo for histopathology image classification.

    Begin with: zoo train dala
    """
    if files:
        from zoo.registry.registry_files import VARIABLE, user_files

        os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys([*map(str, user_files()), *files]))


def run() -> None:
    """The command, in a process that is its own."""
    collect_garbage_rarely()
    exit_without_teardown(main)


def main(args: Sequence[str] | None = None) -> None:
    """Run one command. A user's error is one clear text and exit status 1, bad usage 2."""
    words = list(sys.argv[1:] if args is None else args)
    debug = "--debug" in words
    words = _anywhere([word for word in words if word != "--debug"])
    try:
        status = cli.main(words, prog_name="zoo", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Interrupted as error:
        if is_chief():
            _complain(str(error), "stopped:", "yellow")
        sys.exit(128 + error.number)
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (ZooError, OSError) as error:
        if debug:
            traceback.print_exc()
        _complain(_told(error))
        sys.exit(1)
    except Exception as error:
        if is_distributed():
            _complain(f"{type(error).__name__}: {error}")
        raise


def _anywhere(words: Sequence[str]) -> list[str]:
    """Let --registry stand behind the command too, by moving it to the front."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word == "--registry":
            front += [word, *([value] if (value := next(left, None)) is not None else [])]
        elif word.startswith("--registry="):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _told(error: ZooError | OSError) -> str:
    if isinstance(error, ZooError):
        return str(error)
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"


def _complain(text: Any, word: str = "error:", colour: str = "red") -> None:
    """Say it once, or where several processes work together, with the number of the one that says it."""
    who = f"process {os.environ.get('RANK', '0')} of {os.environ['WORLD_SIZE']}: " if is_distributed() else ""
    click.echo(f"{click.style(word, fg=colour, bold=True)} {who}{text}", err=True)
