"""The page in a real browser: Debian's chromium, or the one that ZOO_TEST_CHROMIUM names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

pytestmark = pytest.mark.browser

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

expect.set_options(timeout=30_000)  # a slow machine must not fail a test


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


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """The page, opened. It must request nothing from other hosts and raise no JavaScript error."""
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    elsewhere: list[str] = []
    errors: list[str] = []

    def record(request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob"} and url.netloc != urlsplit(address).netloc:
            elsewhere.append(request.url)

    context.on("request", record)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    expect(page.locator("#results")).to_contain_text("No tile yet")
    yield page
    page.wait_for_timeout(500)
    context.close()
    assert elsewhere == []
    assert errors == []


def _upload(page: Page, content: bytes, name: str = "tile.png") -> None:
    file: Any = {"name": name, "mimeType": "image/png", "buffer": content}
    page.locator("#tile input[type=file]").set_input_files(file)


def _png(tile: Image.Image) -> bytes:
    buffer = BytesIO()
    tile.save(buffer, "PNG")
    return buffer.getvalue()


def _heat_maps(page: Page) -> list[str | None]:
    return [image.get_attribute("src") for image in page.locator(".zoo-map img").all()]


def test_two_models_are_compared_on_an_uploaded_tile(page: Page, tile: Image.Image) -> None:
    _upload(page, _png(tile))
    cards = page.locator(".zoo-card")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("Synthetic sample")
    expect(cards.nth(1)).to_contain_text("Not trained")
    first = _heat_maps(page)
    assert len(set(first)) == 2

    page.get_by_label("DT Grad-CAM", exact=True).check()
    expect(page.locator("#results")).to_contain_text("DT Grad-CAM for")
    second = _heat_maps(page)
    assert not set(first) & set(second)

    page.locator("#models").get_by_label("fresh").uncheck()
    expect(cards).to_have_count(1)
    assert _heat_maps(page) == second[:1]


def test_choosing_a_synthetic_example_shows_its_results(page: Page) -> None:
    page.locator("#examples button").nth(1).press("Enter")
    expect(page.locator(".zoo-card")).to_have_count(2)
    expect(page.locator("#results")).to_contain_text("synthetic tile, drawn by a program")


def test_choosing_a_class_changes_the_class_that_heat_maps_explain(page: Page, tile: Image.Image) -> None:
    _upload(page, _png(tile))
    expect(page.locator(".zoo-card")).to_have_count(2)
    for name in ("benign", "malignant"):
        page.locator("#label input").click()
        page.get_by_role("option", name=name, exact=True).click()
        expect(page.locator("figcaption b")).to_have_text([name, name])


def test_focusing_a_heat_map_shows_the_tile_without_it(page: Page, tile: Image.Image) -> None:
    _upload(page, _png(tile))
    heat_map = page.locator(".zoo-map").first
    expect(heat_map.locator("img")).to_have_css("opacity", "1")
    heat_map.locator("div").focus()
    expect(heat_map.locator("img")).to_have_css("opacity", "0")


def test_a_file_that_is_not_an_image_shows_an_error(page: Page, tile: Image.Image) -> None:
    _upload(page, b"hello", "notes.png")
    alert = page.locator("#results").get_by_role("alert")
    expect(alert).to_contain_text("notes.png: is not an image of a known format")
    page.locator("#tile").get_by_label("Remove Image").click()
    expect(page.locator("#results")).to_contain_text("No tile yet")


def test_a_file_that_is_too_large_shows_an_error(page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(b"0" * 21 * 2**20)
    page.locator("#tile input[type=file]").set_input_files(large)
    expect(page.get_by_text("maximum allowed size")).to_be_visible()


def test_the_page_does_not_scroll_sideways(page: Page, tile: Image.Image) -> None:
    _upload(page, _png(tile))
    expect(page.locator(".zoo-card")).to_have_count(2)
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(too_wide) is False


def test_the_footer_says_that_the_page_is_not_a_medical_device(page: Page) -> None:
    expect(page.locator("footer").first).to_contain_text("Not a medical device")
