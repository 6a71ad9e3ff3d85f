"""A network without its weights: built on the meta device, which allocates no memory, to learn shapes and sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident
from typing import TYPE_CHECKING

from zoo.errors import PluginError
from zoo.registry.blueprint import build_network
from zoo.spec import Architecture, Scalar

if TYPE_CHECKING:
    from torch import nn


class TooManyParametersError(Exception):
    """A network under construction has more parameters than it may have."""


def meta_network(
    architecture: Architecture,
    outputs: int,
    options: Mapping[str, Scalar],
    *,
    plugin: str,
    most_parameters: int | None = None,
) -> nn.Module | None:
    """Return a network on the meta device; None if its code computes with the numbers of fresh weights.

    Args:
        architecture: The architecture.
        outputs: The number of outputs.
        options: The options, checked.
        plugin: The plugin that registers it, for errors.
        most_parameters: Stop with a TooManyParametersError once the code has made more parameters (tensors, not
            numbers), since the number of layers may depend on someone else's option.
    """
    import torch

    try:
        with _at_most(most_parameters), torch.device("meta"):
            return build_network(architecture, outputs, options, plugin=plugin)
    except PluginError as error:
        if isinstance(error.__cause__, TooManyParametersError):
            raise error.__cause__ from error
        if isinstance(error.__cause__, NotImplementedError | RuntimeError) and "meta" in str(error.__cause__):
            return None
        raise


@contextmanager
def _at_most(number: int | None) -> Iterator[None]:
    """Raise a TooManyParametersError in this block once this thread has made more parameters than this."""
    if number is None:
        yield
        return
    from torch.nn.modules.module import register_module_parameter_registration_hook

    thread, made = get_ident(), 0

    def count(_module: nn.Module, _name: str, _parameter: nn.Parameter | None) -> None:
        nonlocal made
        if get_ident() == thread:
            made += 1
            if made > number:
                raise TooManyParametersError

    hook = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        hook.remove()
