"""`open_demo`: load the models, build the page, serve it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from socket import gethostname
from typing import Any

from zoo.errors import MissingExtraError
from zoo.progress import Reporter
from zoo.text import storage_size
from zoo_demo.models_to_show import models_to_show
from zoo_demo.ports import free_port
from zoo_demo.server import (
    LOOPBACK,
    gradio_settings,
    has_desktop,
    interrupted_by_sigterm,
    launch_on_free_port,
    serve,
)
from zoo_demo.uploads import Uploads
from zoo_demo.zero_gpu import prepare_zero_gpu


def open_demo(
    models: Sequence[str] = (),
    *,
    host: str = LOOPBACK,
    port: int | None = None,
    browser: bool | None = None,
    device: str = "auto",
    names: Collection[str] = (),
    memory: float | None = None,
    confirm: Callable[[str], bool] = lambda _: False,
    progress: Reporter | bool = True,
    echo: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the page until Ctrl-C.

    Args:
        models: Run folders, bundle folders or Hub ids. If there are none: the newest finished runs under the working
            folder and published weights; without these, a small model that is trained now, if `confirm` agrees.
        host: The address to listen on.
        port: The port; by default the first free one from 7860.
        browser: Whether to open a browser; by default only where there is a desktop.
        device: "auto", or the name of a device.
        names: Host names that the server is reached by, such as that of a proxy. Requests for others are refused.
        memory: The bytes of weights that are kept in memory; by default half of what is free.
        confirm: Given a question, returns whether a small model is trained on the synthetic sample.
        progress: Show the progress of that training in a terminal or a notebook; False for none, or a reporter.
        echo: Called with each message for the user, such as the page's address.
    """
    require_gradio()
    free_port(host, port)  # a port that is taken is an error before the models are loaded
    shown = models_to_show(models, device=device, confirm=confirm, progress=progress, echo=echo)
    if host not in (LOOPBACK, "localhost"):
        echo(f"listening on {host}: anyone who can reach this machine can use the page")
    with interrupted_by_sigterm(), gradio_settings() as uploads:
        page = make_page(shown, uploads=uploads, device=device, memory=memory, echo=echo)

        def start() -> str:
            own = (*names, host, gethostname())
            return launch_on_free_port(page, uploads=uploads, host=host, port=port, names=own)

        serve(page, start, browser=has_desktop() if browser is None else browser, echo=echo)


def require_gradio() -> None:
    """Raise an error that names the missing extra if gradio is not installed."""
    if find_spec("gradio") is None:
        raise MissingExtraError("gradio", extra="demo")


def make_page(
    models: Sequence[str],
    *,
    uploads: Uploads,
    device: str = "auto",
    memory: float | None = None,
    echo: Callable[[str], None],
) -> Any:
    """Load the models and return the Gradio page that compares them.

    Args:
        models: Run folders, bundle folders or Hub ids.
        uploads: The folder of the uploaded files.
        device: "auto", or the name of a device.
        memory: The bytes of weights that are kept in memory; by default half of what is free.
        echo: Called with each message for the user.
    """
    prepare_zero_gpu()
    from zoo.device import choose_device
    from zoo_demo.analyzer import Analyzer
    from zoo_demo.examples import draw_examples
    from zoo_demo.free_memory import memory_for_weights
    from zoo_demo.models import load_models

    chosen = choose_device(device)
    echo(f"loading {', '.join(models)} ({chosen.type})")
    limit = memory_for_weights(chosen) if memory is None else memory
    loaded = load_models(models, device=chosen, memory=limit)
    if limit is not None and (size := loaded[0].cache.size) > limit:
        echo(
            f"the weights take {storage_size(size)}, more than the {storage_size(limit)} of memory for them: the least "
            "recently used models are loaded again when they are needed"
        )
    examples = draw_examples()
    analyzer = Analyzer(loaded)
    with ThreadPoolExecutor(1) as other_thread:
        warm = other_thread.submit(analyzer.warm_up, examples[0].image)  # while gradio is imported, which takes seconds
        from zoo_demo.handlers import Handlers
        from zoo_demo.page import build_page

        page = build_page(Handlers(analyzer, examples, uploads=uploads))
        warm.result()
    return page
