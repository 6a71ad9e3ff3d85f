"""The `zoo` command and its exit statuses; its subcommands are imported when they are called."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from zoo.cli.output.reserved_output import document_stream, release_standard_output
from zoo.cli.output.shown_warnings import shown_warnings
from zoo.cli.plugin_commands import ExtensibleGroup
from zoo.cores import share_cores
from zoo.distributed.rank import is_chief, is_distributed
from zoo.errors import Interrupted, ZooError
from zoo.process import collect_garbage_rarely, exit_without_teardown
from zoo.spinning import sleep_beside_others
from zoo.text import printable
from zoo.version import __version__

COMMANDS = {
    "list": "list the models that can be trained",
    "show": "describe a model or a recipe: paper, options, settings",
    "plugins": "list the installed plugins, and the errors of broken plugins",
    "data": "list, inspect, audit, preview and download data sets",
    "train": "train a model and evaluate it on held-out images",
    "evaluate": "measure trained models on held-out images",
    "compare": "compare trained models on the same images",
    "reproduce": "train every row of a paper's table, and compare with the paper",
    "benchmark": "answer the questions of a published protocol on your data",
    "predict": "predict the class of images",
    "explain": "draw heat maps of images",
    "export": "export a trained model to ONNX or torch.export",
    "verify": "check the code of a model, or the files of a trained model",
    "push": "publish a trained model on the Hugging Face Hub",
    "pull": "download a published model",
    "new-plugin": "create a plugin package for your own model",
    "cache": "list or clear decoded images and other cached files",
    "demo": "try and compare trained models in the browser",
    "space": "publish the page of zoo demo as a Hugging Face Space",
}
INTERRUPTED = 130
"""The exit status after Ctrl-C."""


class Commands(ExtensibleGroup):
    """The commands of `zoo`."""

    def describe_unknown(self, name: str) -> str:
        """Return the error message for a name that is not a command; the name may be that of a model."""
        from zoo.registry import list_models

        try:
            models = list_models()
        except ZooError:  # an invalid registry file is not the reason why this command fails
            models = []
        if name in models:
            return f"{name!r} is a model, not a command; try `zoo train {name}` or `zoo show {name}`"
        return super().describe_unknown(name)


def add_registry_files(ctx: click.Context, param: click.Parameter, files: Sequence[str]) -> None:  # noqa: ARG001
    """Add the files of `--registry` to those that ZOO_REGISTRY names."""
    if files:
        from zoo.registry.registry_files import VARIABLE, user_files

        os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys([*map(str, user_files()), *files]))


@click.group(cls=Commands, lines=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="histozoo")
@click.option(
    "--registry",
    multiple=True,
    type=click.Path(),
    callback=add_registry_files,
    expose_value=False,
    help="A registry file with additional models. Can be given several times; ZOO_REGISTRY names such files too.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """A model zoo for histopathology image classification.

    To start, type: zoo train dala (synthetic images).

    With your own images: zoo data inspect PATH
    """


def run() -> None:
    """Run the command in `sys.argv`, as the only task of this process."""
    share_cores()
    sleep_beside_others()
    collect_garbage_rarely()
    exit_without_teardown(_run_command)


def main(args: Sequence[str] | None = None) -> None:
    """Run one command and exit with its status: 0, or 1 after an error, or 2 after wrong usage.

    Args:
        args: The words of the command; by default those of the command line.
    """
    try:
        _run_command(args)
    finally:
        release_standard_output()


def _run_command(args: Sequence[str] | None = None) -> None:
    """Run one command and exit with its status."""
    words = list(sys.argv[1:] if args is None else args)
    debug = "--debug" in words
    words = _registry_first([word for word in words if word != "--debug"])
    try:
        with shown_warnings():
            status = cli.main(words, prog_name="zoo", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Interrupted as error:
        if is_chief():
            _print_error(str(error), "stopped:", "yellow")
        sys.exit(128 + error.number)
    except (KeyboardInterrupt, click.Abort):
        _print_error("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), (document_stream() or sys.stdout).fileno())
        sys.exit(1)
    except (ZooError, OSError) as error:
        if debug:
            traceback.print_exc()
        _print_error(_error_text(error))
        sys.exit(1)
    except Exception as error:
        if is_distributed():
            _print_error(f"{type(error).__name__}: {error}")
        raise


def _registry_first(words: Sequence[str]) -> list[str]:
    """Move --registry to the front, so that it can also be typed after the command."""
    front: list[str] = []
    rest: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word == "--":
            rest += [word, *remaining]
        elif word == "--registry":
            front += [word, *([value] if (value := next(remaining, None)) is not None else [])]
        elif word.startswith("--registry="):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _error_text(error: ZooError | OSError) -> str:
    """Return the message of an error, with the file that it is about."""
    if isinstance(error, ZooError):
        return str(error)
    where = f"{error.filename}: " if error.filename else ""
    return printable(f"{where}{error.strerror or error}")


def _print_error(text: Any, label: str = "error:", color: str = "red") -> None:
    """Print an error, with the number of the process if several train together."""
    process = f"process {os.environ.get('RANK', '0')} of {os.environ['WORLD_SIZE']}: " if is_distributed() else ""
    click.echo(f"{click.style(label, fg=color, bold=True)} {process}{text}", err=True)
