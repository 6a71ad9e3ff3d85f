"""The page in a real browser: Debian's chromium, or the one that ZOO_TEST_CHROMIUM names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}

expect.set_options(timeout=30_000)  # a slow machine must not fail a test

Open = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("ZOO_TEST_CHROMIUM") or shutil.which("chromium")
    if path is None:
        reason = "chromium is not installed: apt install chromium, or set ZOO_TEST_CHROMIUM to its path"
        if os.environ.get("ZOO_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Open:
    """Open the page in a new window. It must request nothing from other hosts, and write no error to the console.

    `refused` is in the errors that a request which the server has to refuse writes to the console.
    """

    @contextmanager
    def opened(size: str = "desktop", *, link: str = "", refused: str = "\0", **options: Any) -> Iterator[Page]:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        page = context.new_page()
        elsewhere: list[str] = []
        errors: list[str] = []

        def record(request: Request) -> None:
            url = urlsplit(request.url)
            if url.scheme not in {"data", "blob"} and url.netloc != urlsplit(address).netloc:
                elsewhere.append(request.url)

        context.on("request", record)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(address + link)
        expect(page.locator("#results")).to_contain_text("" if link else "No tile yet")
        try:
            yield page
            page.wait_for_timeout(300)
        finally:
            context.close()
        unexpected = [error for error in errors if refused not in error]
        assert elsewhere == [], elsewhere
        assert unexpected == [], unexpected

    return opened


@pytest.fixture(params=list(SIZES))
def page(request: pytest.FixtureRequest, open_page: Open) -> Iterator[Page]:
    """The page, opened on a desktop and on a phone."""
    with open_page(request.param) as page:
        yield page


@pytest.fixture
def desktop(open_page: Open) -> Iterator[Page]:
    """The page, opened on a desktop."""
    with open_page() as page:
        yield page
