"""`zoo demo`."""

from __future__ import annotations

import click

from zoo.cli.shared_options import device_option


@click.command("demo")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), help="By default the first free one from 7860.")
@click.option("--open/--no-browser", "browser", default=None, help="By default where there is a desktop.")
@device_option
def command(models: tuple[str, ...], host: str, port: int | None, browser: bool | None, device: str) -> None:
    """Compare models on one tile in the browser.

    MODEL is a run folder, a bundle folder or a Hub id. Without one, the newest finished runs in ./runs.
    """
    from zoo_demo import open_demo

    open_demo(models, host=host, port=port, browser=browser, device=device, echo=click.echo)
