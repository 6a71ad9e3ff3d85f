"""Example tiles: drawn when the page starts, shown as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PIL import Image

from zoo.synthetic import draw_tile, patients
from zoo_demo.images_html import data_uri

SEED = 7860
"""Differs from the synthetic sample's own seed, so that no model was trained on these patients."""

ON_LOAD = """element.addEventListener('click', event => {
    const button = event.target.closest('button[data-number]');
    if (button) trigger('click', {number: Number(button.dataset.number)});
});"""
"""JavaScript that sends the number of the example that was clicked."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One example tile."""

    name: str
    image: Image.Image


def draw_examples() -> tuple[Example, ...]:
    """Return one synthetic tile of each class."""
    by_class = {patient.malignant: patient for patient in reversed(patients(SEED))}
    return tuple(
        Example(name=name, image=Image.fromarray(draw_tile(by_class[malignant], 0, seed=SEED)))
        for name, malignant in (("benign", False), ("malignant", True))
    )


def example_buttons(examples: Sequence[Example]) -> str:
    """Return the HTML of one button for each example."""
    buttons = "".join(
        f'<button type="button" data-number="{number}"><img src="{data_uri(example.image)}" alt="">'
        f"<span>{escape(example.name)}</span></button>"
        for number, example in enumerate(examples)
    )
    title = "Or a <b>synthetic</b> tile, drawn by a program:"
    return f'<p class="zoo-label">{title}</p><div class="zoo-choices">{buttons}</div>'
