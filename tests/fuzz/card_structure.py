"""What a value from a bundle adds to a card besides text: HTML, links, images, headings, metadata."""

from __future__ import annotations

import re

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

_SIGNATURE = re.compile(r"^<!-- (begin|end) histozoo\b[^\n]*-->$", re.MULTILINE)
_FOLDED = re.compile(
    r"^</?details>$|^<summary>(All other measures|Every setting of the recipe)</summary>$", re.MULTILINE
)
_METADATA = {
    "library_name",
    "pipeline_tag",
    "tags",
    "model-index",
    "license",
    "license_name",
    "base_model",
    "base_model_relation",
}
_HEADINGS = 6
"""How many headings a card has."""
_NEVER = {"html_inline", "html_block", "link_open", "image", "hr", "ordered_list_open", "heading_open h3"}


def what_a_card_injects(text: str) -> list[str]:
    """Return what is in a card that histozoo does not write."""
    _, metadata, body = text.split("---\n", 2)
    found = ["the card has other metadata"] * (not set(yaml.load(metadata, Loader=yaml.CSafeLoader)) <= _METADATA)
    tokens = _flat(MarkdownIt("commonmark").enable("table").parse(_FOLDED.sub("", _SIGNATURE.sub("", body))))
    kinds = [token.type for token in tokens]
    headings = [token for token in tokens if token.type == "heading_open"]
    if _NEVER & set(kinds) or len(headings) > _HEADINGS or any(token.tag not in ("h1", "h2") for token in headings):
        found.append("the card has markup of the bundle")
    return found


def _flat(tokens: list[Token]) -> list[Token]:
    """Return tokens with those inside them."""
    return [inner for token in tokens for inner in (token, *_flat(token.children or []))]
