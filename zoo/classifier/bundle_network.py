"""The network of a bundle: everything that decides its size is checked before memory is taken for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from textwrap import shorten

from torch import Tensor, nn

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.weights_file import check_weights, read_weights, weights_header, weights_size
from zoo.config.plugin_options import checked_options
from zoo.errors import BundleError, PluginError, UnknownNameError, UsageError
from zoo.registry import TooManyParametersError, build_network, meta_network, outputs_for, registry
from zoo.spec import Architecture, Scalar
from zoo.tensors import FLOATS, INTEGERS, MAX_HEADER_BYTES, TensorInfo
from zoo.text import counted, cut_short, quoted, storage_size

MOST_NAMED = 4
"""How many tensors an error names."""
MOST_REPLACED = 4
"""A network may make this many times its parameters while it is built, since it may replace layers of another one."""


def bundle_network(
    config: BundleConfig, folder: Path, *, stated: bool = True, fresh: Collection[str] = ()
) -> nn.Module:
    """Return the network of a bundle, with its weights.

    Args:
        config: The configuration of the bundle.
        folder: The bundle.
        stated: Whether its config.json states the sha256 of the weights; that of another program does not.
        fresh: The parameters and buffers that the weights lack, and that stay as they are built.
    """
    where = str(folder)
    architecture, plugin = _architecture(config, where=where)
    options = _options(config, architecture, where=where)
    outputs = outputs_for(len(config.classes), config.head)
    header = weights_header(folder)
    planned = _planned(config, architecture, outputs, options, plugin=plugin, tensors=len(header), where=where)
    if planned is not None:
        _check_size(config, planned, weights_size(folder), where=where)
    if stated:
        check_weights(folder)
    if planned is not None:
        _check_fit(config, _without(planned, fresh), header, where=where)
    network = build_network(architecture, outputs, options, plugin=plugin)
    built = network.state_dict()
    _check_fit(config, _without(built, fresh), header, where=where)
    try:
        kept = {name: built[name] for name in fresh}
        network.load_state_dict({**read_weights(folder, stated=stated), **kept}, strict=True)
    except RuntimeError as error:
        raise _misfit(config, shorten(str(error), 400), where) from error
    return network


def _without(tensors: Mapping[str, Tensor], names: Collection[str]) -> dict[str, Tensor]:
    """Return tensors without some of them."""
    return {name: tensor for name, tensor in tensors.items() if name not in names}


def _architecture(config: BundleConfig, *, where: str) -> tuple[Architecture, str]:
    """Return the architecture of a bundle, and the plugin that registers it."""
    try:
        return registry().architecture(config.architecture)
    except UnknownNameError as error:
        broken = [f"{plugin.name}: {plugin.error}" for plugin in registry().plugins.broken]
        raise PluginError(
            f"no installed plugin registers the architecture {quoted(config.architecture)}",
            where=where,
            hint=f"if you trust the package that the bundle names, install it: pip install {_package(config)}"
            + (f"\n  or fix {'; '.join(broken)}" if broken else ""),
        ) from error


def _options(config: BundleConfig, architecture: Architecture, *, where: str) -> Mapping[str, Scalar]:
    """Return the options of a bundle, after the checks that those of a user pass too."""
    size = config.preprocessing
    try:
        options = checked_options(architecture.options, config.options, of=architecture.name)
        architecture.image_size.check(size.height, size.width)
    except (UsageError, UnknownNameError) as error:
        raise BundleError(error.message, where=where, hint=error.hint) from error
    if missing := [name for name in architecture.options if name not in options]:
        raise BundleError(f"options of {architecture.name} are missing: {cut_short(missing, MOST_NAMED)}", where=where)
    return options


def _planned(
    config: BundleConfig,
    architecture: Architecture,
    outputs: int,
    options: Mapping[str, Scalar],
    *,
    plugin: str,
    tensors: int,
    where: str,
) -> Mapping[str, Tensor] | None:
    """Return the parameters and buffers of the network without their memory; None if its code does not allow that."""
    most = MOST_REPLACED * tensors + 100
    try:
        network = meta_network(architecture, outputs, options, plugin=plugin, most_parameters=most)
    except TooManyParametersError as error:
        raise _misfit(config, f"there are {counted(tensors, 'tensor')}, and the network has more", where) from error
    return None if network is None else network.state_dict()


def _check_size(config: BundleConfig, planned: Mapping[str, Tensor], size: int, *, where: str) -> None:
    """Raise a BundleError for a file that is much larger than the weights of the network, before it is read."""
    needed = sum(tensor.numel() * tensor.element_size() for tensor in planned.values())
    if size > 2 * needed + MAX_HEADER_BYTES:  # twice: the numbers may be in float64
        problem = f"the file has {storage_size(size)}, and the weights of the network have {storage_size(needed)}"
        raise _misfit(config, problem, where)


def _check_fit(
    config: BundleConfig, expected: Mapping[str, Tensor], header: Mapping[str, TensorInfo], *, where: str
) -> None:
    """Raise a BundleError that names the first tensors that the file and the network do not have alike."""
    problems = [f"{quoted(name)} is missing" for name in expected if name not in header]
    problems += [f"{quoted(name)} is unexpected" for name in header if name not in expected]
    for name, tensor in expected.items():
        found = header.get(name)
        if found is not None and found.shape != tuple(tensor.shape):
            problems.append(f"{quoted(name)} has the shape {_shape(found.shape)}, not {_shape(tuple(tensor.shape))}")
        elif found is not None and found.dtype not in (FLOATS if tensor.is_floating_point() else INTEGERS):
            problems.append(f"{quoted(name)} has numbers of the type {quoted(found.dtype)}")
    if problems:
        raise _misfit(config, cut_short(problems, MOST_NAMED, separator="; "), where)


def _shape(shape: tuple[int, ...]) -> str:
    """Return a shape as text."""
    return "x".join(map(str, shape)) or "of one number"


def _misfit(config: BundleConfig, problem: str, where: str) -> BundleError:
    """Return the error for weights that do not fit."""
    return BundleError(
        f"the weights do not fit the architecture {quoted(config.architecture)}: {problem}",
        where=where,
        hint=f"the bundle was made with {_package(config)}; is another version installed?",
    )


def _package(config: BundleConfig) -> str:
    """Return the package of the plugin as it is typed after `pip install`: a name and a version, which were checked."""
    return f"'{config.plugin.distribution}=={config.plugin.version}'"
