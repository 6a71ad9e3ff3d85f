"""The server: from a Gradio page to an address, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from zoo_demo.limits import MAX_FILE_MB
from zoo_demo.ports import free_port
from zoo_demo.uploads import Uploads, upload_folder

LOOPBACK = "127.0.0.1"
PRIVATE_NETWORKS = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
SESSIONS = 200
"""How many sessions Gradio remembers, with some 60 kB each; every call of a program is a session.

The page keeps nothing in a session, so that forgetting one is not noticed.
"""


@contextmanager
def gradio_settings() -> Iterator[Uploads]:
    """Set what gradio reads only from environment variables, and yield the folder of its uploads.

    Enter it before creating a component, since gradio reads the settings at that moment.
    """
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    no_proxy = ",".join(filter(None, [exceptions, LOOPBACK, "localhost"]))
    with upload_folder() as uploads:
        changes = {
            "GRADIO_TEMP_DIR": str(uploads.folder),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_RUN_HISTORY": "False",  # otherwise browsers keep the results
            "NO_PROXY": no_proxy,  # gradio requests its own page once, which no proxy can reach
            "no_proxy": no_proxy,
        }
        if "SPACE_ID" in os.environ:  # the addresses of visitors are those that the proxies of the Hub name
            changes["FORWARDED_ALLOW_IPS"] = PRIVATE_NETWORKS
        before = {name: os.environ.get(name) for name in changes}
        os.environ.update(changes)
        try:
            yield uploads
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def launch(
    page: Any, *, uploads: Uploads, host: str | None, port: int | None, names: Collection[str] | None = ()
) -> str:
    """Start the server in a thread and return its address.

    Args:
        page: The Gradio page.
        uploads: The uploaded files.
        host: The address to listen on; None for Gradio's own settings, which a Space has.
        port: The port; None for Gradio's own settings.
        names: What the server is called by, besides `localhost` and IP addresses; None for anything.
    """
    from zoo_demo.page import CSS, theme
    from zoo_demo.protection import protection

    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        app_kwargs={"middleware": protection(page, uploads=uploads, hosts=names)},
        theme=theme(),
        css_paths=CSS,
        max_file_size=f"{MAX_FILE_MB}mb",
        state_session_capacity=SESSIONS,
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


def launch_on_free_port(
    page: Any, *, uploads: Uploads, host: str, port: int | None, names: Collection[str] | None = ()
) -> str:
    """Start the server on the given or the first free port, and try again if another process takes it meanwhile."""
    while True:
        chosen = free_port(host, port)
        try:
            return launch(page, uploads=uploads, host=host, port=chosen, names=names)
        except OSError:
            if free_port(host, port) == chosen:  # the port is still free, so the error has another cause
                raise


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does: it ends the block, and what has begun in it is cleaned up."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def serve(page: Any, start: Callable[[], str], *, browser: bool, echo: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C or SIGTERM.

    Args:
        page: The Gradio page.
        start: Starts the server and returns its address.
        browser: Whether to open a browser.
        echo: Called with each message for the user.
    """
    try:
        address = start()
        echo(f"{address}  (press Ctrl-C to stop)")
        if browser:
            webbrowser.open(address)
        wait_for_interrupt()
    except KeyboardInterrupt:
        echo("")
    finally:
        page.close(verbose=False)


def wait_for_interrupt() -> None:
    """Wait until the process is interrupted."""
    never = Event()
    while not never.wait(1):  # a wait without a timeout cannot be interrupted on Windows
        pass


def _interrupt(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one does not stop the cleaning up
    raise KeyboardInterrupt


def has_desktop() -> bool:
    """Return whether the user could see a browser that is opened on this machine."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
