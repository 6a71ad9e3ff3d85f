"""The server: from a Gradio page to an address, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from zoo_demo.ports import free_port

LOOPBACK = "127.0.0.1"


@contextmanager
def upload_folder() -> Iterator[Path]:
    """Yield a folder for uploads that only this user can read and that is deleted at the end.

    Enter it before creating a component, since gradio reads the setting at that moment.
    """
    with TemporaryDirectory(prefix="zoo-demo-", ignore_cleanup_errors=True) as folder, _environment(folder):
        yield Path(folder)


@contextmanager
def _environment(folder: str) -> Iterator[None]:
    """Set what gradio reads only from environment variables."""
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    no_proxy = ",".join(filter(None, [exceptions, LOOPBACK, "localhost"]))
    changes = {
        "GRADIO_TEMP_DIR": folder,
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_RUN_HISTORY": "False",  # otherwise browsers keep the results
        "NO_PROXY": no_proxy,  # gradio requests its own page once, which no proxy can reach
        "no_proxy": no_proxy,
    }
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def launch(page: Any, *, host: str | None, port: int | None) -> str:
    """Start the server in a thread and return its address."""
    from zoo_demo.page import CSS, MAX_FILE_SIZE, theme

    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        theme=theme(),
        css_paths=CSS,
        max_file_size=MAX_FILE_SIZE,
        share=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
        footer_links=[],
        quiet=True,
        prevent_thread_lock=True,
    )
    return str(address)


def launch_on_free_port(page: Any, *, host: str, port: int | None) -> str:
    """Start the server on the given or the first free port, and try again if another process takes it meanwhile."""
    while True:
        chosen = free_port(host, port)
        try:
            return launch(page, host=host, port=chosen)
        except OSError:
            if free_port(host, port) == chosen:  # the port is still free, so the error has another cause
                raise


def serve(page: Any, *, host: str, port: int | None, browser: bool, echo: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C or SIGTERM."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        address = launch_on_free_port(page, host=host, port=port)
        echo(f"{address}  (press Ctrl-C to stop)")
        if browser:
            webbrowser.open(address)
        wait_for_interrupt()
    except KeyboardInterrupt:
        echo("")
    finally:
        page.close(verbose=False)
        signal.signal(signal.SIGTERM, before)


def wait_for_interrupt() -> None:
    """Wait until the process is interrupted."""
    never = Event()
    while not never.wait(1):  # a wait without a timeout cannot be interrupted on Windows
        pass


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def has_desktop() -> bool:
    """Return whether the user could see a browser that is opened on this machine."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
