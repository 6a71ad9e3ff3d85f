"""The files of a Space: what starts the page, the list of its models, and the bundles that are not on the Hub."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import FILES
from zoo.space.requirements import merged
from zoo.version import __version__

MODEL_LIST = "models.txt"
"""The file that the page reads its models from, one a line: a Hub id with its commit, or a folder of the Space."""
MODELS = "models"
"""The folder of the bundles."""
GENERATED = "<!-- zoo space push rewrites this text each time; delete this line to keep a text of your own -->"
OURS = ("sdk", "sdk_version", "python_version", "app_file", "models")
"""What of the front matter is always rewritten; a person may change the rest."""


@dataclass(frozen=True, kw_only=True)
class ShownModel:
    """A model that a Space shows: on the Hub at one commit, or a bundle that becomes part of the Space."""

    folder: Path
    """Its bundle."""
    hub_id: str | None = None
    commit: str | None = None
    name: str
    """The name of its folder in the Space, if it is not on the Hub."""

    @property
    def line(self) -> str:
        """Its line in the list of models."""
        return f"{MODELS}/{self.name}" if self.hub_id is None else f"{self.hub_id}@{self.commit}"


def template(name: str) -> str:
    """Return the text of a file of `demo/`: in the installed package, or in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "template" / name
    return (installed if installed.exists() else package.parent.parent / "demo" / name).read_text(encoding="utf-8")


def space_files(
    models: Sequence[ShownModel], *, requirements: Sequence[str] = (), there: Mapping[str, str] | None = None
) -> dict[str, bytes | Path]:
    """Return the files by their paths in the Space.

    Args:
        models: The models of the page.
        requirements: Lines of requirements.txt, in place of those of the same packages.
        there: The README.md and requirements.txt that the Space has: what people changed in them is kept.
    """
    there = there or {}
    files: dict[str, bytes | Path] = {
        "app.py": template("app.py").encode(),
        "README.md": _readme(models, there.get("README.md")).encode(),
        "requirements.txt": _requirements(models, requirements, there.get("requirements.txt", "")).encode(),
        MODEL_LIST: _model_list(models).encode(),
    }
    for model in models:
        if model.hub_id is None:
            found = {name: bundle_file(model.folder, name) for name in FILES}
            files |= {f"{MODELS}/{model.name}/{name}": path for name, path in found.items() if path is not None}
    return files


def _model_list(models: Sequence[ShownModel]) -> str:
    heading = "# The models of the page, one a line: a Hub id with its commit, or a folder of this repository."
    return "\n".join([heading, *(model.line for model in models), ""])


def _readme(models: Sequence[ShownModel], there: str | None) -> str:
    """Return README.md: the text of a person and their front matter are kept, except for what starts the Space."""
    front, text = _front_and_text(template("README.md"))
    on_hub = sorted({model.hub_id for model in models if model.hub_id is not None})
    front |= {"models": on_hub} if on_hub else {}
    text = f"{GENERATED}\n\n{text}"
    if there is not None:
        their_front, their_text = _front_and_text(there)
        front |= {key: value for key, value in their_front.items() if key not in OURS}
        text = text if GENERATED in their_text else their_text
    return f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---\n\n{text}"


def _front_and_text(document: str) -> tuple[dict[str, Any], str]:
    """Return the front matter of a README.md and the text below it; a front matter that is not YAML is dropped."""
    found = re.match(r"---\r?\n(.*?)\r?\n---\r?\n\s*(.*)", document, re.DOTALL)
    if found is None:
        return {}, document
    try:
        front = yaml.safe_load(found[1])
    except yaml.YAMLError:
        front = None
    return (front if isinstance(front, dict) else {}), found[2]


def _requirements(models: Sequence[ShownModel], requirements: Sequence[str], there: str) -> str:
    """Return requirements.txt: this version of histozoo, the plugins' packages, and the lines that a person added."""
    plugins = {BundleConfig.read(model.folder).plugin for model in models}
    packages = {f"{plugin.distribution}=={plugin.version}" for plugin in plugins if plugin.distribution != "histozoo"}
    own = [f"histozoo=={__version__}", *sorted(packages)]
    return merged(there, template("requirements.txt"), "\n".join(own), "\n".join(requirements))
