"""What the page says while the server works: functions in JavaScript, which run in the browser at once."""

from __future__ import annotations

from json import dumps

from zoo_demo.results_html import no_images, no_tile, note


def _working(what: str, *, scroll: bool = False) -> str:
    """Return the message; on a phone, `scroll` brings the results into view."""
    attributes = ' data-scroll="1"' if scroll else ""
    text = f'<b>Working…</b> <span>{what}</span> <span data-zoo="waiting"></span>'
    return note("zoo-working", text).replace("<div ", f"<div{attributes} ", 1)


_TILE = dumps(_working("The models look at the tile.", scroll=True))
_AGAIN = dumps(_working("The models look at the tile again."))
_BATCH = dumps(_working("The models look at the images."))

OF_TILE = f"tile => tile ? {_TILE} : {dumps(no_tile())}"
"""For a new tile, and for one that was removed."""

OF_CONTROLS = f"""tile => {{
    if (!tile) return {dumps(no_tile())};
    const old = document.querySelector('#results .zoo-results');
    return old ? {_AGAIN} + '<div class="zoo-old" inert>' + old.outerHTML + '</div>' : {_AGAIN};
}}"""
"""For another choice: the results before are still shown, but pale."""

OF_BATCH = f"files => files && files.length ? {_BATCH} : {dumps(no_images())}"

FAILED = "() => " + dumps(
    note(
        "zoo-wrong",
        "<b>There is no answer.</b> <span>The server is busy, or has stopped. Try again.</span>",
        role="alert",
    )
)
"""For a request that was refused, or whose answer never came."""
