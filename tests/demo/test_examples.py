from __future__ import annotations

from zoo_demo.examples import draw_examples


def test_there_is_one_of_each_class_and_they_stay_the_same() -> None:
    first, second = draw_examples(), draw_examples()
    assert [example.name for example in first] == ["benign", "malignant"]
    assert all(one.picture == again.picture for one, again in zip(first, second, strict=True))
    assert first[0].picture != first[1].picture
