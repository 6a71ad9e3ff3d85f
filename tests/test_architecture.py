"""Imports between the packages of `zoo` only point down, and the documentation lists the same layers."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import zoo
from zoo.plugins import plugins
from zoo.registry.catalog import read_catalog
from zoo.registry.registry_files import builtin_file

ROOT = Path(zoo.__file__).resolve().parent.parent
PLUGINS = sorted(path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and path.name != "__pycache__")
TOP = {
    *(".ci", ".gitignore", "benchmarks", "demo", "docs", "plugins", "pyproject.toml", "registry.yaml", "tests", "zoo"),
    *("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"),
    *(".github", ".pre-commit-config.yaml", "mkdocs.yml"),
}

LAYERS: dict[str, tuple[str, ...]] = {
    "foundation": (
        *("version", "text", "valid_names", "errors", "plugin_code", "spec", "files", "locks", "progress", "config"),
        *("imports", "tensors", "cores", "spinning", "parallel", "signals", "synthetic", "random_state", "device"),
        *("gpu_memory", "process", "nn"),
        *("calibration", "distributed"),
    ),
    "plugins": ("plugins",),
    "registry": ("registry", "new_plugin"),
    "data": ("metrics", "data", "baseline", "download"),
    "models": ("bundle", "hub", "runs"),
    "classifier": ("explain", "classifier", "exporting", "space", "testing"),
    "evaluation": ("batch_prediction", "stress", "evaluation", "comparison", "reports"),
    "training": ("training",),
    "grid": ("grid",),
    "reproduction": ("reproduction", "benchmark"),
    "audit": ("auditing",),
    "interface": ("cli",),
}
"""The packages, lowest layer first. A package imports from lower layers, and from packages before it in its own."""

ORDER = [package for layer in LAYERS.values() for package in layer]
PLUGIN_MAY_USE = {
    *("zoo", "zoo.spec", "zoo.plugins", "zoo.nn", "zoo.data", "zoo.explain", "zoo.metrics", "zoo.cli", "zoo.errors"),
}
DEMO_MAY_USE = {
    *("zoo", "zoo.errors", "zoo.device", "zoo.classifier", "zoo.explain", "zoo.runs"),
    "zoo.data.images",  # it decodes uploaded files
    "zoo.text",  # names are made safe to print
    "zoo.synthetic",  # its examples are tiles of the synthetic sample
    *("zoo.hub", "zoo.progress", "zoo.registry"),  # it downloads the weights that the registry names
}
OUR_OWN_PLUGINS = "zoo.data.sources"
"""A plugin that lives in the core: its specs name the functions of its own package as text."""

EXAMPLE = re.compile(r"zoo (train|show) [\w-]+")
DOTTED = re.compile(r"zoo(\.[a-z_]\w*)+\.?(:\w+)?")


@dataclass(frozen=True)
class Import:
    """One import, at any place in a file."""

    file: Path
    line: int
    module: str
    name: str | None = None

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "templates" not in path.relative_to(ROOT).parts]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only a type checker sees."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from runtime_nodes(child)


def imports(path: Path, *, of_types: bool = False) -> Iterator[Import]:
    """Every import of a file, those inside functions and those named as text included; of types alone if asked."""
    for node in ast.walk(parsed(path)) if of_types else runtime_nodes(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            for alias in node.names:
                yield Import(path, node.lineno, node.module or "", alias.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            yield Import(path, node.lineno, node.value.partition(":")[0].rstrip("."))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of_file(path: Path) -> str:
    return path.relative_to(ROOT / "zoo").parts[0].removesuffix(".py")


def package_of_import(found: Import) -> str | None:
    """The package that an import of the core reaches; None for other packages and for what costs nothing."""
    parts = found.module.split(".")
    if parts[0] != "zoo":
        return None
    if len(parts) > 1:
        return parts[1]
    if found.name in ORDER:
        return found.name
    if found.name == "__version__":
        return None
    return zoo._HOMES[found.name].split(".")[1] if found.name in zoo._HOMES else "zoo"


def core_files() -> list[Path]:
    """Return the files of `zoo` but its `__init__`, which names every package and imports none before it is asked."""
    return [path for path in python_files("zoo") if path.parent != ROOT / "zoo" or path.stem not in FRONT]


FRONT = ("__init__", "__main__")


def test_every_package_is_in_a_layer() -> None:
    assert {package_of_file(path) for path in core_files()} == set(ORDER)


def test_no_package_is_in_two_layers() -> None:
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("package", ORDER)
def test_imports_only_point_down(package: str) -> None:
    below = {*ORDER[: ORDER.index(package)], package}
    wrong = [
        f"{found.place}: {package} imports {found.module}"
        for path in core_files()
        if package_of_file(path) == package
        for found in imports(path, of_types=True)
        if package_of_import(found) is not None and package_of_import(found) not in below
    ]
    assert not wrong, "\n".join(wrong)


def test_no_two_files_import_each_other() -> None:
    """A package's `__init__` imports what it offers, so its own files must not import from that."""
    modules = {module_of(path): path for path in core_files()}
    graph = {
        module: {target for found in imports(path) if (target := _file_of(found, modules)) != module}
        for module, path in modules.items()
        if module != OUR_OWN_PLUGINS
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def _file_of(found: Import, modules: Container[str]) -> str:
    """Return the file that an import reads: `from zoo.plugins import manager` means the file, not the `__init__`."""
    inner = f"{found.module}.{found.name}"
    return inner if inner in modules else found.module


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_imports_only_what_any_plugin_may_import(plugin: str) -> None:
    _check_plugin(ROOT / "plugins" / plugin, plugin)


def test_the_plugin_template_imports_only_what_any_plugin_may_import() -> None:
    _check_plugin(ROOT / "zoo" / "templates" / "plugin" / "module", "@module@")


def _check_plugin(folder: Path, plugin: str) -> None:
    files = sorted(folder.rglob("*.py"))
    assert files
    for path in files:
        for found in imports(path):
            package = found.module.split(".")[0]
            if package == "zoo":
                assert found.module in PLUGIN_MAY_USE, f"{found.place}: imports {found.module}"
                assert found.module != "zoo" or found.name in (None, "hookimpl"), f"{found.place}: {found.name}"
            else:
                assert package == plugin or not package.startswith("zoo_"), f"{found.place}: imports {package}"
        for node in runtime_nodes(parsed(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "zoo":
                assert node.attr == "hookimpl", f"{path}:{node.lineno}: zoo.{node.attr}"


def test_the_demo_uses_the_public_api() -> None:
    wrong = [
        f"{found.place}: {found.module} {found.name or ''}"
        for path in python_files("demo")
        for found in imports(path)
        if found.module.split(".")[0].startswith("zoo") and not _is_public(found)
    ]
    assert not wrong, "\n".join(wrong)


def _is_public(found: Import) -> bool:
    if found.module.split(".")[0] == "zoo_demo":
        return True
    if found.module not in DEMO_MAY_USE:
        return False
    if found.module == "zoo" and found.name is not None:
        return found.name in zoo.__all__
    return not (found.name or "").startswith("_")


def test_only_the_command_opens_the_demo() -> None:
    users = {found.place.partition(":")[0] for path in core_files() for found in imports(path) if _is_demo(found)}
    assert users <= {"zoo/cli/commands/demo.py"}


def _is_demo(found: Import) -> bool:
    return found.module.split(".")[0] == "zoo_demo"


def architectures() -> set[str]:
    """The names of networks: what plugins register, what people type, and the packages themselves."""
    packages = {plugin.module for plugin in plugins().loaded if not plugin.module.startswith("zoo.")}
    rows = read_catalog(builtin_file()).models
    return {*PLUGINS, *packages, *plugins().models, *rows}


def test_the_core_names_no_architecture() -> None:
    """Help may: a docstring, or a command that a face shows as an example. `nn` holds parts that go by such names."""
    names = architectures()
    assert {"dala", "zoo_dala", "resnet20"} <= names
    word = re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, sorted(names))) + r")(?![\w-])")
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for path in python_files("zoo")
        if package_of_file(path) != "nn"
        for line, text in _words(parsed(path))
        if word.search(EXAMPLE.sub("", text) if package_of_file(path) == "cli" else text)
    ]
    assert not wrong, "\n".join(wrong)


def _words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Identifiers and texts of the code, without docstrings."""
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.alias):
            yield node.lineno, node.name


def test_no_two_modules_have_the_same_name() -> None:
    """Only a command has the name of what it calls, and a package's main module that of the package."""
    places: dict[str, list[Path]] = {}
    for path in python_files("zoo", "plugins", "demo"):
        if path.stem not in ("__init__", "__main__") and path.parent.name != path.stem:
            places.setdefault(path.stem, []).append(path)
    doubled = {
        name: [str(path.relative_to(ROOT)) for path in paths]
        for name, paths in places.items()
        if len([path for path in paths if path.parent.name != "commands"]) > 1
    }
    assert doubled == {}


def test_no_module_is_named_utils_or_helpers() -> None:
    odds = {"utils", "util", "helpers", "helper", "misc", "common"}
    found = [path for path in python_files("zoo", "plugins", "demo", "tests") if odds & {path.stem, path.parent.name}]
    assert not found


def test_the_architecture_document_lists_the_same_layers() -> None:
    """`docs/architecture.md` has a table of rows, the highest first; each names its packages."""
    document = ROOT / "docs" / "architecture.md"
    if not document.exists():
        pytest.skip("no docs/architecture.md beside this package")
    rows = re.findall(r"^\| (\w+) \| ((?:`\w+`(?:, )?)+) \|", document.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {name: tuple(re.findall(r"\w+", packages)) for name, packages in rows}
    assert list(listed.items()) == list(reversed(LAYERS.items()))


def test_the_top_of_the_repository_has_nothing_but_the_project() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a clone of the repository")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert {path.partition("/")[0] for path in listed.splitlines()} <= TOP
