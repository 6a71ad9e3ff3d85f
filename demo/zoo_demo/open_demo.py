"""From the names of models to a page that is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zoo.errors import MissingExtraError, UsageError
from zoo_demo.choosing import newest_runs
from zoo_demo.ports import free_port
from zoo_demo.server import LOOPBACK, has_desktop, private_folder, serve


def open_demo(
    models: Sequence[str] = (),
    *,
    host: str = LOOPBACK,
    port: int | None = None,
    browser: bool | None = None,
    device: str = "auto",
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the page until Ctrl-C. Without models, the newest runs in ./runs; `tell` hears the address."""
    require_gradio()
    names = list(models) or newest_runs()
    if not names:
        raise UsageError("nothing to show: there is no finished run in ./runs", hint="zoo train dala first")
    free_port(host, port)  # told before models are loaded, if there is none
    if host not in (LOOPBACK, "localhost"):
        tell(f"listening on {host}: whoever reaches this machine can use the page")
    with private_folder() as folder:
        page = make_page(names, uploads=folder, device=device, tell=tell)
        opens = has_desktop() if browser is None else browser
        serve(page, host=host, port=port, browser=opens, tell=tell)


def require_gradio() -> None:
    """Say which extra is missing."""
    if find_spec("gradio") is None:
        raise MissingExtraError("gradio", "demo")


def make_page(models: Sequence[str], *, uploads: Path, device: str = "auto", tell: Callable[[str], None]) -> Any:
    """Load the models once and build the page over them."""
    from zoo.device import choose_device
    from zoo_demo.examples import draw_examples
    from zoo_demo.handlers import Handlers
    from zoo_demo.models import load
    from zoo_demo.page import build

    where = choose_device(device)
    tell(f"loading {', '.join(models)} ({where.type})")
    desk = Handlers(load(models, device=where), draw_examples(), uploads=uploads)
    desk.warm_up()
    return build(desk)
