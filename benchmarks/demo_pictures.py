"""Pictures of the demo's page, on a desktop and on a phone, for the README and to look at.

python benchmarks/demo_pictures.py MODEL... [--out docs/images] [--tile FILE] [--all] [--axe]

Those of the documentation show an example tile and models trained on the synthetic sample, all drawn by a program:

zoo train resnet20 --recipe quick --epochs 8 --height 64 --width 64
zoo train cbam20 --recipe quick --epochs 8 --height 64 --width 64
python benchmarks/demo_pictures.py runs/resnet20-sample-1 runs/cbam20-sample-1

With --all, also dark pages, errors, the table, the leaderboard and a map enlarged; with --axe, each page is checked for
accessibility, and the findings are printed. It needs Chromium.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import axe_playwright_python
from demo_server import FLAGS, chromium_path, served
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, expect, sync_playwright

DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
CARDS = ".zoo-card[data-name]"
MOST_COLORS = 256
"""Pictures are stored with a palette, which a page of text and flat colors hardly shows."""
expect.set_options(timeout=120_000)


def choose_tile(page: Page, tile: Path | None) -> None:
    """Upload a tile, or choose an example, and wait for the cards."""
    if tile is None:
        page.locator("#examples button").last.click()
    else:
        page.locator("#tile input[type=file]").set_input_files(tile)
    expect(page.locator(CARDS).first).to_be_visible()
    page.wait_for_timeout(1000)


def show_comparison(page: Page, tile: Path | None) -> None:
    """Compare the models on the tile, with the same place marked in all maps."""
    choose_tile(page, tile)
    if page.viewport_size == DESKTOP:
        box = page.locator(f"{CARDS} .zoo-stack").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.6)


def show_first_page(page: Page) -> None:
    """Show what a visitor sees first."""
    page.wait_for_timeout(500)


def show_enlarged(page: Page, tile: Path | None) -> None:
    """Enlarge a map."""
    choose_tile(page, tile)
    page.locator(f"{CARDS} .zoo-stack").first.press("Enter")
    page.wait_for_timeout(300)


def show_tab(page: Page, name: str) -> None:
    """Open another tab."""
    page.get_by_role("tab", name=name).click()
    page.wait_for_timeout(500)


def show_table(page: Page, tile: Path | None) -> None:
    """Predict several images: the tile, its corners, and a file that is no image."""
    show_tab(page, "Several images")
    with Image.open(tile) if tile else Image.effect_noise((96, 96), 90) as image:
        whole = image.convert("RGB")
    half = (whole.width // 2, whole.height // 2)
    boxes = {"tile.png": (0, 0, *whole.size), "top-left.png": (0, 0, *half), "bottom-right.png": (*half, *whole.size)}
    files = [sent(name, whole.crop(box)) for name, box in boxes.items()]
    page.locator("#files input[type=file]").set_input_files([*files, sent("notes.png", b"hello")])
    expect(page.locator("#files")).to_contain_text("notes")
    page.locator("#start").click()
    expect(page.locator("#table tbody tr")).to_have_count(4)


def sent(name: str, content: bytes | Image.Image) -> FilePayload:
    """Return a file to upload."""
    buffer = BytesIO(content if isinstance(content, bytes) else b"")
    if isinstance(content, Image.Image):
        content.save(buffer, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": buffer.getvalue()}


def show_error(page: Page, content: bytes) -> None:
    """Upload a file that is no image."""
    page.locator("#tile input[type=file]").set_input_files(sent("slide.png", content))
    expect(page.locator("#results [role=alert]")).to_be_visible()
    page.wait_for_timeout(500)


def print_findings(page: Page) -> None:
    """Check the page with axe-core and print how many rules hold, and which do not."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")
    broken = [f"{rule['impact']}: {rule['id']} ({len(rule['nodes'])})" for rule in found["violations"]]
    rules = f"axe {found['testEngine']['version']}: {len(found['passes'])} rules hold"
    print(f"  {rules}, {len(broken)} do not{': ' if broken else ''}{', '.join(broken)}")


def shoot(
    browser: Browser,
    address: str,
    to: Path,
    show: Callable[[Page], None],
    *,
    phone: bool,
    dark: bool,
    whole: bool,
    axe: bool,
) -> None:
    """Open the page, show something, and save a picture of it.

    Args:
        browser: The browser.
        address: The address of the page.
        to: The PNG file.
        show: What is done on the page before.
        phone: Use the size of a phone.
        dark: Use the dark colors.
        whole: Take the whole page and not only what is visible.
        axe: Check the page for accessibility too.
    """
    context = browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        color_scheme="dark" if dark else "light",
        device_scale_factor=1.5 if phone else 1,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#examples button").first).to_be_visible()
    show(page)
    page.screenshot(path=to, full_page=whole)
    if axe:
        print_findings(page)
    context.close()
    with Image.open(to) as image:
        picture = image.convert("RGB")
    palette = picture.quantize(MOST_COLORS, method=Image.Quantize.MAXCOVERAGE)
    picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(to, optimize=True)
    print(f"{to}  {to.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--tile", type=Path, help="An image instead of an example.")
    parser.add_argument("--all", action="store_true", help="Take pictures of everything else too.")
    parser.add_argument("--axe", action="store_true", help="Check each page for accessibility.")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    comparison = partial(show_comparison, tile=given.tile)
    shots: list[tuple[str, Callable[[Page], None], bool, bool, bool]] = [
        ("demo", comparison, False, False, False),
        ("demo-phone", comparison, True, False, False),
    ]
    if given.all:
        shots += [
            ("demo-whole", comparison, False, False, True),
            ("demo-dark", comparison, False, True, True),
            ("demo-phone-whole", comparison, True, False, True),
            ("demo-phone-dark", comparison, True, True, False),
            ("first", show_first_page, False, False, False),
            ("first-phone", show_first_page, True, False, True),
            ("enlarged", partial(show_enlarged, tile=given.tile), False, False, False),
            ("leaderboard", partial(show_tab, name="Leaderboard"), False, False, False),
            ("leaderboard-phone", partial(show_tab, name="Leaderboard"), True, False, False),
            ("about", partial(show_tab, name="About and limits"), False, False, True),
            ("table", partial(show_table, tile=given.tile), False, False, False),
            ("error", partial(show_error, content=b"hello"), False, False, False),
            ("error-phone", partial(show_error, content=b"hello"), True, True, False),
        ]
    with served(given.models) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        for name, show, phone, dark, whole in shots:
            shoot(browser, address, given.out / f"{name}.png", show, phone=phone, dark=dark, whole=whole, axe=given.axe)
        browser.close()


if __name__ == "__main__":
    main()
