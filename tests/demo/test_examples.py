from __future__ import annotations

from zoo_demo.examples import draw_examples


def test_there_is_one_example_of_each_class_and_it_is_the_same_every_time() -> None:
    first, second = draw_examples(), draw_examples()
    assert [example.name for example in first] == ["benign", "malignant"]
    assert all(one.image == again.image for one, again in zip(first, second, strict=True))
    assert first[0].image != first[1].image
