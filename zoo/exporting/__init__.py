"""Exported models: a trained model as one file that runs without histozoo, checked before it is kept.

The formats of the zoo are registered through the same hook as anybody's.
"""

from __future__ import annotations

from collections.abc import Callable

from zoo.plugins import hookimpl
from zoo.spec import Exporter

EXPORTERS = (
    Exporter(
        name="onnx",
        title="ONNX",
        summary="one .onnx file, for onnxruntime",
        suffix=".onnx",
        runs_with="onnxruntime",
        write="zoo.exporting.onnx_file:write_onnx",
        run="zoo.exporting.onnx_file:run_onnx",
        needs=("onnx", "onnxscript", "onnxruntime"),
        extra="export",
    ),
    Exporter(
        name="torch-export",
        title="torch.export",
        summary="one .pt2 file, for Python and C++ with torch alone",
        suffix=".pt2",
        runs_with="torch",
        write="zoo.exporting.torch_export_file:write_torch_export",
        run="zoo.exporting.torch_export_file:run_torch_export",
    ),
)


@hookimpl
def zoo_register_exporters(register: Callable[[Exporter], None]) -> None:
    """Register the formats of the zoo."""
    for exporter in EXPORTERS:
        register(exporter)
