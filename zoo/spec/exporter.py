"""A format to which models are exported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """A format that a model is exported to: one file, with a function that writes it and one that runs it."""

    name: str
    title: str
    """Its name in texts, such as "ONNX"."""
    summary: str
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
