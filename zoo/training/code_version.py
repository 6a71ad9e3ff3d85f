"""The code that a run was trained with, so that no run is resumed by code that computes something else.

It is described by the versions of packages, and for each module that can change a number by a hash of its code.
"""

from __future__ import annotations

import ast
import hashlib
import platform
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import torch

from zoo.registry import Blueprint, registry
from zoo.version import __version__

PACKAGES = ("numpy", "pillow", "scipy", "imbalanced-learn", "torchvision", "timm")
"""Packages that decode images, draw random numbers, or contain networks of the plugins."""
COMPUTING = (
    *("training", "data", "distributed", "nn", "device"),
    *("classifier.classifier", "classifier.prediction", "evaluation.inference", "metrics.logits", "registry.blueprint"),
)
"""Packages and modules of `zoo` whose code can change a number of a training."""
NOT_COMPUTING = (
    *("training.checkpoint", "training.code_version", "training.curves"),
    *("training.messages", "training.record", "training.resources", "training.resume"),
    *("training.session", "training.setup", "training.split_check", "training.start"),
    *("training.train", "training.trackers"),
    *("data.cache", "data.inspection", "data.near_identical", "data.preview"),
    "data.source_lookup",
    *("distributed.failures", "distributed.rank"),
)
"""The modules among them that only read, write or report."""


def code_version(blueprint: Blueprint, augment: Iterable[str]) -> dict[str, str]:
    """Return what computes a training: packages with their versions, modules with a hash of their code.

    Args:
        blueprint: The model.
        augment: The names of the augmentations. Those of a plugin are part of the code that computes, too.
    """
    functions = [blueprint.architecture.build, *(registry().augmentation(name).apply for name in augment)]
    plugins = sorted({function.partition(":")[0].partition(".")[0] for function in functions} - {"zoo"})
    found = {
        "histozoo": __version__,
        "torch": str(torch.__version__),  # with the build, such as +cpu
        **{package: version(package) for package in PACKAGES},
        "python": platform.python_version(),
    }
    for name in (*(f"zoo.{name}" for name in COMPUTING), *plugins):
        found |= {module: code_hash(path) for module, path in _modules(name) if not _excluded(module)}
    return found


@cache
def code_hash(path: Path) -> str:
    """Return a hash of a module's code; comments, docstrings and layout do not change it."""
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:  # for another version of Python, so it is not imported here
        return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [statement for statement in body if not _is_text(statement)]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:8]


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is only a string: a docstring, or the description of a field."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _modules(name: str) -> Iterator[tuple[str, Path]]:
    """Yield every module of an installed package, or the one module of that name, with its file."""
    spec = find_spec(name)
    if spec is None:
        return
    if not spec.submodule_search_locations:
        if spec.origin is not None:
            yield name, Path(spec.origin)
        return
    for folder in sorted(map(Path, spec.submodule_search_locations)):
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            yield ".".join([name, *(part for part in parts if part != "__init__")]), file


def _excluded(module: str) -> bool:
    """Whether a module cannot change a number."""
    return any(module == f"zoo.{name}" or module.startswith(f"zoo.{name}.") for name in NOT_COMPUTING)
