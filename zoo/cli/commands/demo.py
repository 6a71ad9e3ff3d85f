"""`zoo demo`: try and compare models in the browser."""

from __future__ import annotations

import click

from zoo.cli.completion import complete_trained_model
from zoo.cli.shared_options import device_option, revision_option


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
@revision_option
@device_option
def command(
    models: tuple[str, ...], host: str, port: int | None, browser: bool | None, names: tuple[str, ...], device: str
) -> None:
    """Try and compare trained models in the browser.

    MODEL is a run folder, a bundle folder or a Hub id such as you/dala-breakhis-40x. Without MODEL, the newest
    finished runs in ./runs are opened.
    """
    from zoo_demo import open_demo

    open_demo(models, host=host, port=port, browser=browser, device=device, names=names, echo=click.echo)
