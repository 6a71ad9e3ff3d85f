"""The page's looks: the system's own fonts, so that nothing is fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

CSS = Path(__file__).with_name("page.css")

_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> Any:
    """Gradio's base theme in quiet colours."""
    base = gr.themes.Base(
        primary_hue="violet",
        neutral_hue="slate",
        font=[gr.themes.Font(name) for name in _SANS],
        font_mono=[gr.themes.Font(name) for name in _MONO],
    )
    return base.set(  # gradio's own grey is too faint to read
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
    )
