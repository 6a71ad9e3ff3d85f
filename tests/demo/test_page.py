from __future__ import annotations

import csv
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.demo.browser import Open

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
CARDS = ".zoo-card[data-name]"


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
    cards = page.locator(CARDS)
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


def test_choosing_a_synthetic_example_shows_its_results(desktop: Page) -> None:
    desktop.locator("#examples button").nth(1).press("Enter")
    expect(desktop.locator(CARDS)).to_have_count(2)
    expect(desktop.locator("#results")).to_contain_text("synthetic tile, drawn by a program")


def test_choosing_a_class_changes_the_class_that_heat_maps_explain(desktop: Page, tile: Image.Image) -> None:
    _upload(desktop, _png(tile))
    expect(desktop.locator(CARDS)).to_have_count(2)
    for name in ("benign", "malignant"):
        desktop.locator("#label input").click()
        desktop.get_by_role("option", name=name, exact=True).click()
        expect(desktop.locator("figcaption b")).to_have_text([name, name])


def test_the_slider_changes_the_opacity_of_all_maps_and_keeps_it_for_the_next_results(
    desktop: Page, tile: Image.Image
) -> None:
    _upload(desktop, _png(tile))
    slider, layers = desktop.get_by_label("Opacity of the heat maps"), desktop.locator(".zoo-seen img")
    expect(layers).to_have_count(2)
    slider.focus()
    slider.press("Home")
    for index in range(2):
        expect(layers.nth(index)).to_have_css("opacity", "0")
    desktop.get_by_label("DT Grad-CAM", exact=True).check()
    expect(desktop.locator("#results")).to_contain_text("DT Grad-CAM for")
    expect(slider).to_have_value("0")
    expect(layers.first).to_have_css("opacity", "0")


def test_one_pointer_marks_the_same_place_in_all_maps(desktop: Page, tile: Image.Image) -> None:
    _upload(desktop, _png(tile))
    stacks = desktop.locator(".zoo-stack")
    expect(stacks).to_have_count(3)
    size = desktop.locator(".zoo-results")
    stacks.nth(1).hover(position={"x": 30, "y": 20})
    expect(size).to_have_class("zoo-results zoo-pointed")
    marks = "stack => getComputedStyle(stack, '::after').backgroundPosition"
    assert len({stack.evaluate(marks) for stack in stacks.all()}) == 1
    before = stacks.nth(0).evaluate(marks)
    stacks.nth(2).press("ArrowRight")
    assert stacks.nth(0).evaluate(marks) != before


def test_a_map_is_enlarged_and_closed_with_the_keyboard(desktop: Page, tile: Image.Image) -> None:
    _upload(desktop, _png(tile))
    stack = desktop.locator(".zoo-stack").nth(1)
    small = stack.bounding_box()
    stack.press("Enter")
    dialog = desktop.get_by_role("dialog", name="drawn")
    large = dialog.locator(".zoo-stack").bounding_box()
    assert small is not None
    assert large is not None
    assert large["width"] > 2 * small["width"]
    assert large["width"] / large["height"] == pytest.approx(small["width"] / small["height"], rel=0.02)
    desktop.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(stack).to_be_focused()


def test_the_results_are_saved_as_png_and_json(desktop: Page, tile: Image.Image) -> None:
    _upload(desktop, _png(tile))
    with desktop.expect_download() as picture:
        desktop.get_by_role("button", name="PNG").click()
    with Image.open(picture.value.path()) as image:
        assert image.format == "PNG"
        assert image.width > 1200
        assert len(image.convert("RGB").getcolors(2**24) or ()) > 5000
    with desktop.expect_download() as data:
        desktop.get_by_role("link", name="JSON").click()
    document = json.loads(data.value.path().read_text(encoding="utf-8"))
    assert [model["name"] for model in document["models"]] == ["drawn", "fresh"]


def test_while_the_models_work_the_page_says_so_and_not_that_there_is_no_tile(desktop: Page, tile: Image.Image) -> None:
    desktop.evaluate("""() => {
        window.said = [];
        const results = document.querySelector('#results');
        const note = () => window.said.push(results.innerText);
        new MutationObserver(note).observe(results, {childList: true, subtree: true});
    }""")
    _upload(desktop, _png(tile))
    expect(desktop.locator(CARDS)).to_have_count(2)
    said = desktop.evaluate("window.said")
    assert "Working…" in said[0]
    assert "Each chosen model looks at the tile: drawn, fresh." in said[0]
    assert not [text for text in said if "No tile yet" in text]


def test_the_page_says_how_many_requests_wait(desktop: Page, tile: Image.Image) -> None:
    desktop.route("**/queue/status", lambda route: route.fulfill(json={"queue_size": 3}))
    desktop.route("**/queue/join*", lambda route: None)  # it never gets its turn
    _upload(desktop, _png(tile))
    expect(desktop.locator("#results")).to_contain_text("3 requests wait in the queue.")


def test_a_refused_request_is_said_to_have_no_answer(open_page: Open, tile: Image.Image) -> None:
    with open_page(refused="503") as page:
        page.route("**/queue/join*", lambda route: route.fulfill(status=503, json={"detail": "Queue is full."}))
        _upload(page, _png(tile))
        expect(page.locator("#results").get_by_role("alert")).to_contain_text("There is no answer.")


def test_a_tile_is_compared_with_the_keyboard_alone(desktop: Page) -> None:
    def tab_to(selector: str) -> None:
        for _ in range(60):
            desktop.keyboard.press("Tab")
            if desktop.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached with the Tab key")

    tab_to("#examples button")
    desktop.keyboard.press("Enter")
    expect(desktop.locator(CARDS)).to_have_count(2)
    tab_to("#models input")
    desktop.keyboard.press("Space")
    expect(desktop.locator(".zoo-results > .zoo-cards > [data-name]")).to_have_count(1)
    tab_to("[data-zoo=opacity]")
    desktop.keyboard.press("End")
    expect(desktop.locator(".zoo-seen img")).to_have_css("opacity", "1")
    tab_to(".zoo-card[data-name] .zoo-stack")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("dialog")).to_be_visible()


def test_the_answer_is_announced_in_a_region_that_was_there_before(desktop: Page, tile: Image.Image) -> None:
    region = desktop.locator("#results .zoo-unseen[role=status][aria-live=polite]")
    expect(region).to_contain_text("No tile yet")
    handle = region.element_handle()
    _upload(desktop, _png(tile))
    expect(desktop.locator(CARDS)).to_have_count(2)
    expect(region).to_have_text(desktop.locator(".zoo-verdict").inner_text())
    assert handle.evaluate("node => node.isConnected")


def test_on_a_phone_the_results_come_into_view(open_page: Open, tile: Image.Image) -> None:
    with open_page("phone", reduced_motion="reduce") as phone:
        _upload(phone, _png(tile))
        expect(phone.locator(".zoo-verdict")).to_be_in_viewport()


def test_the_focus_is_visible_on_every_control(desktop: Page) -> None:
    for _ in range(20):
        desktop.keyboard.press("Tab")
        seen = desktop.evaluate("""() => {
            const focused = document.activeElement;
            const around = [focused, focused.closest('label'), focused.closest('#tile')].filter(Boolean);
            return [focused.outerHTML.slice(0, 120), around.some(one => getComputedStyle(one).outlineStyle !== 'none')];
        }""")
        if seen[0].startswith("<body"):
            return
        assert seen[1], seen[0]


def test_a_link_opens_the_page_with_the_same_choices_and_example(open_page: Open) -> None:
    link = "?models=fresh&method=dt-gradcam&class=benign&example=1"
    with open_page(link=link) as page:
        expect(page.locator(CARDS)).to_have_count(1)
        expect(page.locator("#results")).to_contain_text("DT Grad-CAM for benign")
        expect(page.locator("#results")).to_contain_text("synthetic tile, drawn by a program")
        assert page.get_by_role("link", name="Link").get_attribute("href") == link


def test_several_images_become_a_table_that_sorts_and_is_saved_as_csv(desktop: Page, tile: Image.Image) -> None:
    desktop.get_by_role("tab", name="Several images").click()
    names = ["b.png", "a.png", "notes.png"]
    files: Any = [{"name": name, "mimeType": "image/png", "buffer": _png(tile)} for name in names]
    files[2]["buffer"] = b"hello"
    desktop.locator("#files input[type=file]").set_input_files(files)
    expect(desktop.locator("#files")).to_contain_text("notes")
    desktop.locator("#start").click()
    rows = desktop.locator("#table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("is not an image of a known format")
    desktop.locator("#table").get_by_role("button", name="Image").click()
    expect(rows.nth(0)).to_contain_text("a.png")
    with desktop.expect_download() as table:
        desktop.get_by_role("link", name="Download CSV").click()
    saved = list(csv.DictReader(table.value.path().read_text(encoding="utf-8").splitlines()))
    assert [row["path"] for row in saved] == ["b.png", "b.png", "a.png", "a.png", "notes.png"]


def test_the_leaderboard_sorts_with_the_keyboard(desktop: Page) -> None:
    desktop.get_by_role("tab", name="Leaderboard").click()
    names = desktop.locator("#leaderboard tbody th")
    button = desktop.locator("#leaderboard").get_by_role("button", name="Model")
    button.press("Enter")
    expect(names).to_contain_text(["drawn", "fresh"])
    button.press("Enter")
    expect(names).to_contain_text(["fresh", "drawn"])
    expect(desktop.locator("#leaderboard th").first).to_have_attribute("aria-sort", "descending")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_axe_finds_nothing_serious(open_page: Open, tile: Image.Image, scheme: str) -> None:
    with open_page(color_scheme=scheme) as page:
        page.evaluate(AXE)
        assert _serious(page) == []
        _upload(page, _png(tile))
        expect(page.locator(CARDS)).to_have_count(2)
        page.wait_for_timeout(500)
        assert _serious(page) == []
        for tab in ("Several images", "Leaderboard", "About and limits"):
            page.get_by_role("tab", name=tab).click()
            page.wait_for_timeout(300)
            assert _serious(page) == []
        page.get_by_role("tab", name="Several images").click()
        file: Any = {"name": "tile.png", "mimeType": "image/png", "buffer": _png(tile)}
        page.locator("#files input[type=file]").set_input_files(file)
        expect(page.locator("#files")).to_contain_text("tile")
        page.locator("#start").click()
        expect(page.locator("#table tbody tr")).to_have_count(1)
        assert _serious(page) == []


def _serious(page: Page) -> list[str]:
    """Return what axe finds, with the elements."""
    found: Any = page.evaluate("""async () => (await axe.run(document, {
        rules: {'label-content-name-mismatch': {enabled: true}},
    })).violations""")
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']}: {node['html']}" for rule in grave for node in rule["nodes"]]


def test_a_file_that_is_not_an_image_shows_an_error(desktop: Page, tile: Image.Image) -> None:
    _upload(desktop, b"hello", "notes.png")
    expect(desktop.locator("#tile")).to_have_class(re.compile("zoo-nopreview"))
    alert = desktop.locator("#results").get_by_role("alert")
    expect(alert).to_contain_text("notes.png is not an image of a known format")
    desktop.locator("#tile").get_by_label("Remove Image").click()
    expect(desktop.locator("#results")).to_contain_text("No tile yet")


def test_a_file_that_is_too_large_shows_an_error(open_page: Open, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(b"0" * 21 * 2**20)
    with open_page(refused="413") as page:
        page.locator("#tile input[type=file]").set_input_files(large)
        expect(page.get_by_text("maximum allowed size")).to_be_visible()


def test_the_page_does_not_scroll_sideways(page: Page, tile: Image.Image) -> None:
    _upload(page, _png(tile))
    expect(page.locator(CARDS)).to_have_count(2)
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(too_wide) is False


def test_the_footer_says_that_the_page_is_not_a_medical_device(page: Page) -> None:
    expect(page.locator("footer").first).to_contain_text("Not a medical device")
