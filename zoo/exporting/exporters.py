"""The formats that a model is exported to. Nothing else in the project names a format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from zoo.errors import MissingExtraError, UnknownNameError, UsageError


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """A format that a model is exported to: one file, with a function that writes it and one that runs it."""

    name: str
    title: str
    suffix: str
    """The suffix of its files, which chooses the format: ".onnx"."""
    runs_with: str
    """What runs such a file."""
    write: str
    """`module:function`, called as `function(network, images, path, metadata)`; writes the file.

    `network` is an `nn.Module` that returns logits and probabilities, `images` a batch of two, `metadata` a mapping of
    texts to write into the file. The file must accept any number of images.
    """
    run: str
    """`module:function`, called as `function(path)`; returns a function from a batch to logits and probabilities."""
    needs: tuple[str, ...] = ()
    """The packages that it imports and that histozoo does not need otherwise."""
    extra: str | None = None
    """The extra of histozoo that installs them."""


ONNX = Exporter(
    name="onnx",
    title="ONNX",
    suffix=".onnx",
    runs_with="onnxruntime",
    write="zoo.exporting.onnx_file:write_onnx",
    run="zoo.exporting.onnx_file:run_onnx",
    needs=("onnx", "onnxscript", "onnxruntime"),
    extra="export",
)
TORCH_EXPORT = Exporter(
    name="torch-export",
    title="torch.export",
    suffix=".pt2",
    runs_with="torch",
    write="zoo.exporting.torch_export_file:write_torch_export",
    run="zoo.exporting.torch_export_file:run_torch_export",
)
EXPORTERS = (ONNX, TORCH_EXPORT)
"""Every format."""


def choose_exporter(path: Path, name: str | None, exporters: Iterable[Exporter] = EXPORTERS) -> Exporter:
    """Return the format of a name, or else of a file's suffix; the suffix must be that of the format.

    Args:
        path: The file to write.
        name: The name of the format; by default the first one with the file's suffix.
        exporters: Every format.
    """
    known = {exporter.name: exporter for exporter in exporters}
    if name is not None and name not in known:
        raise UnknownNameError("format", name, known)
    fitting = [known[name]] if name is not None else list(known.values())
    for exporter in fitting:
        if path.suffix.lower() == exporter.suffix:
            return exporter
    suffixes = " or ".join(f"{exporter.suffix} ({exporter.title})" for exporter in fitting)
    raise UsageError(f"the name of the file must end in {suffixes}", where=str(path))


def require_packages(exporter: Exporter) -> None:
    """Raise a MissingExtraError that names the packages that a format needs and that are not installed."""
    missing = [name for name in exporter.needs if find_spec(name) is None]
    if missing:
        raise MissingExtraError(" and ".join(missing), exporter.extra)
