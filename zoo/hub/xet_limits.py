"""The limits of time of xet, by which the Hub's client sends and receives large files.

Its own limits are 5 minutes of silence and 5 more attempts for each of several requests. They are read from the
environment when the client starts its session, which lasts as long as the process.
"""

from __future__ import annotations

import importlib.util
import os

from zoo.hub.time_limits import silence_limit

ATTEMPTS = 1
"""How often a request is sent again."""


def limit_xet() -> None:
    """Start the session of xet with our limits of time; those that the user sets in the environment stay."""
    from huggingface_hub import constants

    if constants.HF_HUB_DISABLE_XET or importlib.util.find_spec("hf_xet") is None:
        return
    from huggingface_hub.utils import _xet

    start = getattr(_xet, "get_xet_session", None)
    if start is None:  # an earlier client has no session
        return
    milliseconds = f"{silence_limit() * 1000:.0f}ms"
    limits = {
        "HF_XET_CLIENT_READ_TIMEOUT": milliseconds,
        "HF_XET_CLIENT_CONNECT_TIMEOUT": milliseconds,
        "HF_XET_CLIENT_RETRY_MAX_ATTEMPTS": str(ATTEMPTS),
    }
    ours = {name: value for name, value in limits.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        start()
    finally:
        for name in ours:
            os.environ.pop(name, None)
