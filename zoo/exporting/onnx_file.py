"""ONNX files, which run with onnxruntime alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from zoo.errors import ExportError
from zoo.exporting.exported_program import export_program
from zoo.exporting.network import INPUT, OUTPUTS
from zoo.text import storage_size
from zoo.version import __version__

MOST_BYTES = 2_000_000_000
"""The size of the largest weights that fit into one ONNX file, whose format has a limit of 2 GiB."""


def write_onnx(network: nn.Module, images: Tensor, path: Path, metadata: Mapping[str, str]) -> None:
    """Write a network as one ONNX file.

    Args:
        network: The network, which returns logits and probabilities.
        images: A batch of at least two images.
        path: The file.
        metadata: Texts to write into the file.
    """
    size = sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values())
    if size > MOST_BYTES:
        raise ExportError(
            f"the weights have {storage_size(size)}, and an ONNX file at most {storage_size(MOST_BYTES)}",
            hint="export to .pt2",
        )
    program = export_program(network, images)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)
        try:
            exported = torch.onnx.export(
                program,
                (),
                dynamo=True,
                verbose=False,
                input_names=[INPUT],
                output_names=list(OUTPUTS),
                dynamic_shapes=({0: "batch"},),
            )
        except Exception as error:  # the exporter raises many kinds of errors
            raise ExportError(
                f"this network cannot be expressed in ONNX: {str(error).strip() or type(error).__name__}",
                hint="export to .pt2",
            ) from error
    if exported is None:
        raise ExportError("torch.onnx.export returned nothing")
    model = exported.model
    for graph in (model.graph, *(function.graph for function in model.functions.values())):
        for node in graph.all_nodes():  # what torch writes here is for its own developers, and can be half of the file
            node.metadata_props.clear()
    model.producer_name, model.producer_version = "histozoo", __version__
    model.metadata_props.update(metadata)
    path.write_bytes(exported.model_proto.SerializeToString())


def run_onnx(path: Path) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return a function that runs an ONNX file.

    Args:
        path: The file.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(images: Tensor) -> tuple[Tensor, Tensor]:
        logits, probabilities = session.run(list(OUTPUTS), {INPUT: images.numpy()})
        return torch.from_numpy(logits), torch.from_numpy(probabilities)

    return run
