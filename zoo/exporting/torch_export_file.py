"""Files of torch.export (.pt2), which run in Python and C++ with torch alone."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor, nn

from zoo.exporting.exported_program import export_program

METADATA = "metadata.json"
"""The extra file in which the metadata are."""


def write_torch_export(network: nn.Module, images: Tensor, path: Path, metadata: Mapping[str, str]) -> None:
    """Write a network as a file of torch.export.

    Args:
        network: The network, which returns logits and probabilities.
        images: A batch of at least two images.
        path: The file.
        metadata: Texts to write into the file.
    """
    program, content = export_program(network, images), BytesIO()
    torch.export.save(program, content, extra_files={METADATA: json.dumps(dict(metadata), indent=2)})
    path.write_bytes(content.getbuffer())  # torch reports a full disk with an error that names neither


def run_torch_export(path: Path) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return a function that runs a file of torch.export.

    Args:
        path: The file.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given buffer is not writable")  # torch 2.10 warns of a buffer of its own
        module = torch.export.load(file).module()

    def run(images: Tensor) -> tuple[Tensor, Tensor]:
        logits, probabilities = module(images)
        return logits, probabilities

    return run
