from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from zoo_demo.page_choices import Choices, choices_of_link

PAGE = {"models": ["you/dala-40x", "a,b & c", "fresh"], "classes": ["benign", "malig&nant"], "examples": 2}


@pytest.mark.parametrize(
    "choices",
    [
        Choices(models=("you/dala-40x", "a,b & c", "fresh")),
        Choices(models=("a,b & c",), method="dt-gradcam", label="malig&nant", coverage=0.9, example=1),
    ],
)
def test_a_link_holds_what_was_chosen(choices: Choices) -> None:
    assert choices_of_link(dict(parse_qsl(choices.link()[1:])), **PAGE) == choices


def test_what_does_not_exist_is_left_out_of_a_link() -> None:
    link = {"models": "nobody,<b>", "method": "bogus", "class": "<script>", "coverage": "nan", "example": "7"}
    assert choices_of_link(link, **PAGE) == Choices(models=("you/dala-40x", "a,b & c", "fresh"))
