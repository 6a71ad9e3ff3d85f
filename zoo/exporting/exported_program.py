"""A network as a graph for any number of images."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from zoo.errors import ExportError
from zoo.exporting.network import INPUT


@torch.no_grad()
def export_program(network: nn.Module, images: Tensor) -> ExportedProgram:
    """Return the graph of a network for any number of images, without the paths of the files that its code is in.

    Args:
        network: The network, in evaluation mode.
        images: A batch of at least two images: one image alone would be taken for a constant.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)  # torch calls its own old code
        try:
            program = torch.export.export(network, (images,), dynamic_shapes={INPUT: {0: Dim("batch")}})
        except Exception as error:  # the network is another author's, and torch.export raises many kinds of errors
            raise ExportError(
                f"torch.export cannot follow this network: {str(error).strip() or type(error).__name__}",
                hint="its forward must not depend on the values of tensors; see the guide of torch.export",
            ) from error
    for module in program.graph_module.modules():
        for node in getattr(getattr(module, "graph", None), "nodes", ()):
            node.meta.pop("stack_trace", None)
    return program
