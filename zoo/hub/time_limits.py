"""How long the Hub may be silent. All limits are here, and [docs/hub.md](../../docs/hub.md) lists them.

Those of a download are the settings of the Hub's own client, which its users know.
"""

from __future__ import annotations

import os

from zoo.errors import UsageError
from zoo.text import quoted

VARIABLE = "ZOO_HUB_SILENCE"
DEFAULT_SILENCE = 60.0
PINNED_FILE = 5.0
"""Seconds to wait for the first answer about a single pinned file, such as pretrained weights."""
WHOLE_ANSWER = 6.0
"""An answer of some kilobytes may take this many times the time that the Hub may be silent."""


def answer_limit() -> float:
    """Return how many seconds to wait for the first answer about a repository: HF_HUB_ETAG_TIMEOUT, by default 10."""
    from huggingface_hub import constants

    return float(constants.HF_HUB_ETAG_TIMEOUT)


def silence_limit() -> float:
    """Return how many seconds may pass without a byte from or to the Hub: ZOO_HUB_SILENCE, by default 60."""
    text = os.environ.get(VARIABLE) or str(DEFAULT_SILENCE)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise UsageError(f"{VARIABLE} must be a number of seconds, not {quoted(text)}", hint=f"export {VARIABLE}=120")
    return seconds
