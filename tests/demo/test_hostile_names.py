"""A model whose name and classes are an attack: on the page, in the endpoints, in the table, in the terminal."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from PIL import Image
from playwright.sync_api import Browser, expect

import zoo

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARKUP = "<img src=x onerror=window.attacked=1>"
CLASSES = (MARKUP, '"};window.attacked=1//</script>', "=HYPERLINK(1)")
NAMES = ("<script>window.attacked=1<!--", "a\x1b[31m\nb\u202e", "=1+1,%2C'\"")


def test_hostile_names_of_models_and_classes_are_text_everywhere(
    serve: Callable[..., Any], chromium: Browser, tmp_path: Path
) -> None:
    model = zoo.create_model("resnet20", classes=CLASSES)
    folders = [model.save(tmp_path / "models" / name) for name in NAMES]
    png = BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(png, "PNG")
    file: Any = {"name": "tile.png", "mimeType": "image/png", "buffer": png.getvalue()}
    Path("tile.png").write_bytes(png.getvalue())
    with serve(*map(str, folders)) as server:
        client = Client(server.address, verbose=False)
        listed = client.predict(api_name="/models")
        names = [row["name"] for row in listed]
        assert names == [NAMES[0], r"a\x1b[31m b\u202e", NAMES[2]]
        answer = client.predict(handle_file("tile.png"), names, "grad-cam", MARKUP, api_name="/compare")
        assert [row["explained_class"] for row in answer["predictions"]] == [MARKUP] * 3
        assert str(tmp_path) not in json.dumps([listed, answer])

        page = chromium.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(server.address)
        page.locator("#tile input[type=file]").set_input_files(file)
        cards = page.locator(".zoo-card[data-name]")
        expect(cards).to_have_count(3)
        assert [card.get_attribute("data-name") for card in cards.all()] == names
        page.locator("#label input").click()
        page.get_by_role("option", name=MARKUP, exact=True).click()
        expect(page.locator("figcaption b").first).to_have_text(MARKUP)
        link = page.get_by_role("link", name="Link")
        expect(link).to_have_attribute("href", re.compile("class="))  # the first model may have predicted that class
        href = link.get_attribute("href")
        page.get_by_role("tab", name="Leaderboard").click()
        expect(page.locator("#leaderboard tbody tr")).to_have_count(3)
        page.get_by_role("tab", name="Several images").click()
        page.locator("#files input[type=file]").set_input_files([file])
        expect(page.locator("#files")).to_contain_text("tile")
        page.locator("#start").click()
        expect(page.locator("#table tbody tr")).to_have_count(1)
        with page.expect_download() as saved:
            page.get_by_role("link", name="Download CSV").click()
        rows = list(csv.reader(saved.value.path().read_text(encoding="utf-8").splitlines()))
        assert [row[1] for row in rows[1:]] == [*names[:2], f"'{names[2]}"]
        page.goto(server.address + str(href))
        expect(page.locator("#label input")).to_have_value(MARKUP)
        checked = page.locator("#models input:checked")
        expect(checked).to_have_count(3)
        assert page.evaluate("window.attacked") is None
        assert page.locator("img[src=x], script:text('attacked')").count() == 0
        page.close()
        assert errors == []
        server.errors.seek(0)
        assert server.errors.read() == ""
    assert not re.search(r"[\x1b\u202e]", server.printed)
