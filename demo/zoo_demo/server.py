"""Serving the page on this machine until somebody presses Ctrl-C."""

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
def private_folder() -> Iterator[Path]:
    """A folder for uploads that only this user can read, and that goes when the page does.

    Must be entered before a component is made: gradio asks for its folder then.
    """
    with TemporaryDirectory(prefix="zoo-demo-", ignore_cleanup_errors=True) as folder, _environment(folder):
        yield Path(folder)


@contextmanager
def _environment(folder: str) -> Iterator[None]:
    """What gradio takes from the environment, and only from there."""
    excepted = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    directly = ",".join(filter(None, [excepted, LOOPBACK, "localhost"]))
    changes = {
        "GRADIO_TEMP_DIR": folder,
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_RUN_HISTORY": "False",  # or browsers would keep what was analysed
        "NO_PROXY": directly,  # gradio calls its own page once; no proxy would find it
        "no_proxy": directly,
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
    """Start the server in a thread; its address."""
    from zoo_demo.page import LARGEST_FILE
    from zoo_demo.theme import CSS, theme

    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        theme=theme(),
        css_paths=CSS,
        max_file_size=LARGEST_FILE,
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


def launch_where_free(page: Any, *, host: str, port: int | None) -> str:
    """Start it at that port, or at the first free one; another process may take that between looking and listening."""
    while True:
        found = free_port(host, port)
        try:
            return launch(page, host=host, port=found)
        except OSError:
            if free_port(host, port) == found:  # it was something else
                raise


def serve(page: Any, *, host: str, port: int | None, browser: bool, tell: Callable[[str], None]) -> None:
    """Serve until Ctrl-C, or until the process is asked to end."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        address = launch_where_free(page, host=host, port=port)
        tell(f"{address}  (Ctrl-C ends it)")
        if browser:
            webbrowser.open(address)
        wait()
    except KeyboardInterrupt:
        tell("")
    finally:
        page.close(verbose=False)
        signal.signal(signal.SIGTERM, before)


def wait() -> None:
    """Until the process is interrupted."""
    never = Event()
    while not never.wait(1):  # a wait without an end cannot be interrupted on Windows
        pass


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def has_desktop() -> bool:
    """Whether a browser that is opened here would be seen by who asked."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
