from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zoo.errors import BundleError
from zoo.tensors import read_tensors, write_tensors


def test_tensors_are_read_as_they_were_written(tmp_path: Path) -> None:
    tensors = {
        "weight": torch.rand(3, 4, requires_grad=True),
        "transposed": torch.rand(2, 5).T,
        "steps": torch.tensor(7),
        "half": torch.rand(3).half(),
    }
    write_tensors(tmp_path / "some.safetensors", tensors)
    found = read_tensors(tmp_path / "some.safetensors")
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())
    assert all(found[name].dtype == tensor.dtype for name, tensor in tensors.items())


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "some.safetensors"
    write_tensors(path, {"a": torch.zeros(2)})
    shared = torch.zeros(2)
    with pytest.raises(RuntimeError, match="share memory"):
        write_tensors(path, {"a": shared, "b": shared})
    assert torch.equal(read_tensors(path)["a"], torch.zeros(2))
    assert [file.name for file in tmp_path.iterdir()] == ["some.safetensors"]


def test_safetensors_reporting_a_full_disk_is_an_error_that_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import SafetensorError

    def full(*_: object, **__: object) -> None:
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(BundleError, match=r"some\.safetensors: cannot be written: I/O error: No space left") as caught:
        write_tensors(tmp_path / "some.safetensors", {"a": torch.zeros(2)})
    assert caught.value.hint == "is the disk full?"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"not safetensors at all", None])
def test_a_damaged_or_missing_file_is_an_error_that_names_it(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "some.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match=r"some\.safetensors: cannot be read"):
        read_tensors(path)
