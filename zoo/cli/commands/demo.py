"""`zoo demo`: try and compare models in the browser."""

from __future__ import annotations

import sys

import click

from zoo.cli.completion import complete_trained_model
from zoo.cli.shared_options import device_option, revision_option
from zoo.progress import command_reporter
from zoo.text import printable


@click.command("demo")
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=complete_trained_model)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 lets other machines connect."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port; by default the first free port from 7860 on.")
@click.option(
    "--open/--no-browser",
    "browser",
    default=None,
    help="Whether to open the page in a browser; by default only if this machine has a desktop.",
)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A host name that the server is reached by, such as that of a proxy; others are refused. Can be repeated.",
)
@click.option(
    "--memory",
    type=click.FloatRange(min=0, min_open=True),
    metavar="GB",
    help="Memory for the weights of all models; by default half of what is free. Others are loaded when needed.",
)
@click.option(
    "--train",
    is_flag=True,
    help="Without MODEL, runs and published weights: train a small model on the synthetic sample, without asking.",
)
@revision_option
@device_option
def command(
    models: tuple[str, ...],
    host: str,
    port: int | None,
    browser: bool | None,
    names: tuple[str, ...],
    memory: float | None,
    train: bool,
    device: str,
) -> None:
    """Try and compare trained models in the browser.

    MODEL is a run folder, a bundle folder or a Hub id such as you/dala-breakhis-40x. Without MODEL, the newest
    finished runs under the working folder and published weights are shown. If there are none, the command asks whether
    to train a small model on the synthetic sample, which takes about half a minute; with --train it does not ask.
    """
    from zoo_demo import open_demo

    def confirm(question: str) -> bool:
        return train or (sys.stdin.isatty() and click.confirm(question, default=True))

    open_demo(
        models,
        host=host,
        port=port,
        browser=browser,
        device=device,
        names=names,
        memory=None if memory is None else memory * 1e9,
        confirm=confirm,
        progress=command_reporter(),
        echo=lambda message: click.echo(printable(message)),
    )
