from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import one_document
from tests.installed_packages import Answer
from zoo.runs import Run

Command = Callable[..., Answer]


def test_zoo_export_says_where_the_file_is_and_how_much_it_differs(run: Command, trained: Run, tmp_path: Path) -> None:
    answer = run("export", str(trained), "-o", "model.pt2")
    assert answer.status == 0, answer.err
    assert "Saved model.pt2 (torch.export, " in answer.out
    assert "in batches of 1, 2 and 7; largest difference: " in answer.out.replace("\n", " ")
    assert Path("model.pt2").is_file()
    again = run("export", str(trained), "-o", "model.pt2")
    assert again.status == 1
    assert "choose another file, such as model-2.pt2" in again.err
    found: Any = one_document(run("export", str(trained), "-o", "model-2.pt2", "--json"))
    assert found["format"] == "torch-export"
    assert found["bytes"] == Path("model-2.pt2").stat().st_size
    assert 0 <= found["largest_difference"]["logits"] < 1e-4


def test_zoo_export_of_the_name_of_a_model_says_to_train_it_first(run: Command) -> None:
    answer = run("export", "dala", "-o", "model.pt2")
    assert answer.status == 1
    assert "this is the name of a model, not a trained model" in answer.err
