"""What the page says while the server works: functions in JavaScript, which run in the browser at once."""

from __future__ import annotations

from json import dumps

from zoo_demo.results_html import no_images, no_tile, note

_TEXT = (
    '<b>Working…</b> <span>Each chosen model looks at WHAT: <span>NAMES</span>.</span> <span data-zoo="waiting"></span>'
)
_NAMES = "models.map(name => name.replace(/[&<>\"]/g, sign => `&#${sign.charCodeAt(0)};`)).join(', ')"


def _working(what: str) -> str:
    """Return a JavaScript expression for the message, with the names in the variable `models`."""
    return f"{dumps(note('zoo-working', _TEXT.replace('WHAT', what)))}.replace('NAMES', () => {_NAMES})"


OF_TILE = f"""(tile, models) => {{
    if (!tile) return {dumps(no_tile())};
    return {_working("the tile")}.replace('<div ', '<div data-scroll="1" ');
}}"""
"""For a new tile, and for one that was removed. On a phone the results come into view."""

OF_CONTROLS = f"""(tile, models) => {{
    if (!tile) return {dumps(no_tile())};
    const old = document.querySelector('#results .zoo-results');
    return {_working("the tile again")} + (old ? `<div class="zoo-old" inert>${{old.outerHTML}}</div>` : '');
}}"""
"""For another choice: the results before are still shown, but pale."""

OF_BATCH = f"""(files, models) => {{
    return files && files.length ? {_working("the images")} : {dumps(no_images())};
}}"""

_NO_ANSWER = (
    "<b>There is no answer.</b> <span>Too many requests wait, yours or those of others, or the server has stopped. "
    "Try again.</span>"
)
FAILED = f"() => {dumps(note('zoo-wrong', _NO_ANSWER, role='alert'))}"
"""For a request that was refused, or whose answer never came."""
