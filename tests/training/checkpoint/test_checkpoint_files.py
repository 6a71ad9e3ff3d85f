from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.listening import Listener
from zoo.errors import BundleError
from zoo.progress import Silent
from zoo.training.checkpoint import Checkpoints, Snapshot
from zoo.training.checkpoint.checkpoint_files import FORMAT


def _snapshot(step: int, *, best: int = 0) -> Snapshot:
    weights = {"network/a": torch.full((3,), float(step)), "optimizer/step/a": torch.tensor(step)}
    best_weights = {"a": torch.full((3,), float(best))} if best else {}
    return Snapshot(step=step, facts={"loss": 0.1 + step}, tensors=weights, best_weights=best_weights, best_epoch=best)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoint")


def test_a_checkpoint_is_read_back_as_it_was_written(checkpoints: Checkpoints) -> None:
    checkpoints.write(_snapshot(7, best=2))
    found = checkpoints.latest(Silent())
    assert found is not None
    assert (found.step, found.best_epoch, found.facts) == (7, 2, {"loss": 7.1})
    assert torch.equal(found.tensors["network/a"], torch.full((3,), 7.0))
    assert torch.equal(found.best_weights["a"], torch.full((3,), 2.0))


def test_the_latest_checkpoint_of_a_folder_without_any_is_none(checkpoints: Checkpoints) -> None:
    assert checkpoints.latest(Silent()) is None


def test_checkpoints_are_safetensors_and_json_and_the_last_two_are_kept(checkpoints: Checkpoints) -> None:
    for step in range(1, 6):
        checkpoints.write(_snapshot(step, best=(step + 1) // 2))
    assert sorted(path.name for path in checkpoints.folder.iterdir()) == [
        "best-00002.safetensors",
        "best-00003.safetensors",
        "step-000000004.json",
        "step-000000004.safetensors",
        "step-000000005.json",
        "step-000000005.safetensors",
    ]


def test_files_left_half_written_by_a_killed_process_are_deleted(checkpoints: Checkpoints) -> None:
    checkpoints.write(_snapshot(1))
    (checkpoints.folder / ".step-000000002.safetensors.0a1b2c3d.part").write_bytes(b"half")
    (checkpoints.folder / ".tmpFWsfi3").write_bytes(b"half")
    (checkpoints.folder / "step-000000002.safetensors").write_bytes(b"complete, but without its JSON file")
    found = checkpoints.latest(Silent())
    assert found is not None
    assert found.step == 1
    checkpoints.write(_snapshot(3))
    assert not [path for path in checkpoints.folder.iterdir() if "00002" in path.name or ".tmp" in path.name]


DAMAGES = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-5]),
    "one bit": lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])),
    "empty": lambda path: path.write_bytes(b""),
    "deleted": lambda path: path.unlink(),
    "something else": lambda path: path.write_bytes(b"\x80\x04 a pickle"),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", ["step-000000002.safetensors", "best-00002.safetensors", "step-000000002.json"])
def test_a_damaged_checkpoint_is_reported_and_the_one_before_is_used(
    checkpoints: Checkpoints, damage: str, file: str
) -> None:
    checkpoints.write(_snapshot(1, best=1))
    checkpoints.write(_snapshot(2, best=2))
    DAMAGES[damage](checkpoints.folder / file)
    listener = Listener()
    found = checkpoints.latest(listener)
    assert found is not None
    assert found.step == 1
    if (damage, file) != (
        "deleted",
        "step-000000002.json",
    ):  # without its JSON file there is no second checkpoint to report
        assert "step-000000002 is damaged" in listener.heard[0]
    checkpoints.write(_snapshot(3, best=1))


def test_a_checkpoint_is_kept_although_later_ones_are_there_that_are_damaged(checkpoints: Checkpoints) -> None:
    checkpoints.write(_snapshot(8, best=1))
    checkpoints.write(_snapshot(9, best=1))
    (checkpoints.folder / "best-00001.safetensors").write_bytes(b"damaged")
    again = Checkpoints(checkpoints.folder)
    assert again.latest(Silent()) is None
    again.write(_snapshot(1, best=1))
    again.write(_snapshot(2, best=1))
    found = Checkpoints(checkpoints.folder).latest(Silent())
    assert found is not None
    assert found.step == 2
    assert sorted(path.name for path in checkpoints.folder.glob("*.json")) == [
        "step-000000001.json",
        "step-000000002.json",
    ]


def test_a_checkpoint_of_another_format_is_reported_and_not_used(checkpoints: Checkpoints) -> None:
    checkpoints.write(_snapshot(1))
    path = checkpoints.folder / "step-000000001.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": FORMAT + 1}))
    listener = Listener()
    assert checkpoints.latest(listener) is None
    assert f"format {FORMAT + 1}, not {FORMAT}" in listener.heard[0]


def test_a_file_name_in_a_checkpoint_cannot_lead_out_of_the_folder(checkpoints: Checkpoints) -> None:
    checkpoints.write(_snapshot(1))
    outside = checkpoints.folder.parent / "step-000000001.safetensors"
    (checkpoints.folder / outside.name).rename(outside)
    path = checkpoints.folder / "step-000000001.json"
    path.write_text(path.read_text().replace('"step-000000001.safetensors"', '"../step-000000001.safetensors"'))
    assert checkpoints.latest(Silent()) is None


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints.write(_snapshot(1))

    def full(*_: object) -> None:
        raise BundleError("cannot be written: No space left on device")

    monkeypatch.setattr("zoo.training.checkpoint.checkpoint_files.write_tensors", full)
    with pytest.raises(BundleError, match="No space left"):
        checkpoints.write(_snapshot(2))
    found = checkpoints.latest(Silent())
    assert found is not None
    assert found.step == 1
