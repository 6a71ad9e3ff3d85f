"""Packages that are broken, or sound but unusual: their code, and what `zoo plugins` says of the broken ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.installed_packages import Site

HEAD = """\
import sys
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option, Source


def architecture(name, **given):
    return Architecture(name=name, build="somewhere.model:build", summary="a network", **given)


def source(name, **given):
    return Source(name=name, read="somewhere.data:read", summary="data", **given)


"""
MODELS = "@zoo.hookimpl\ndef zoo_register_models(register):\n    "
SOURCES = "@zoo.hookimpl\ndef zoo_register_sources(register):\n    "
FILES = "@zoo.hookimpl\ndef zoo_registry_files():\n    "
OWN_FILE = HEAD + FILES + "return [Path(__file__).with_name('registry.yaml')]\n"
ROW = "  {}: {{architecture: dala}}\n"


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package."""

    code: str | bytes = ""
    registry: str | bytes | None = None
    point: str | None = None
    value: str | None = None
    files: tuple[tuple[str, bytes], ...] = ()
    """Other files, relative to the folder of all packages."""
    said: str = ""
    """A part of the error of a broken package."""
    models: tuple[str, ...] = ()
    """The names that a sound package adds."""


def models(code: str, **given: str) -> Package:
    return Package(code=HEAD + MODELS + code, **given)  # type: ignore[arg-type]


def rows(text: str | bytes, said: str = "", models: tuple[str, ...] = ()) -> Package:
    return Package(code=OWN_FILE, registry=text, said=said, models=models)


def files(code: str, said: str) -> Package:
    return Package(code=HEAD + FILES + code, said=said)


BROKEN: dict[str, Package] = {
    # what a module raises when it is imported
    "base_exception": Package(
        code="class Stop(BaseException):\n    pass\nraise Stop('enough')",
        said="base_exception/__init__.py:3: Stop: enough",
    ),
    "cancelled": Package(
        code="import asyncio\nraise asyncio.CancelledError", said=":2: CancelledError without a message"
    ),
    "keyboard_interrupt": Package(code="raise KeyboardInterrupt", said=":1: KeyboardInterrupt without a message"),
    "exits_silently": Package(
        code="raise SystemExit", said="exits_silently/__init__.py:1: SystemExit without a message"
    ),
    "exits_with_text": Package(code="import sys\nsys.exit('no license')", said=":2: SystemExit: no license"),
    "generator_exit": Package(code="raise GeneratorExit", said=":1: GeneratorExit"),
    "stop_iteration": Package(code="next(iter(()))", said=":1: StopIteration"),
    "no_text": Package(code="raise RuntimeError", said=":1: RuntimeError without a message"),
    "text_raises": Package(
        code="class Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd",
        said=":4: Odd, whose text cannot be shown",
    ),
    "text_is_long": Package(code="raise ValueError('x' * 10**7)", said=":1: ValueError: xxx"),
    "key_error": Package(code="settings = {}\nsettings['later']", said="key_error/__init__.py:2: KeyError: 'later'"),
    "syntax_error": Package(code="x = 1\ndef broken(:", said="syntax_error/__init__.py:2: SyntaxError: "),
    "syntax_error_inside": Package(
        code="import syntax_error_inside.inner",
        files=(("syntax_error_inside/inner.py", b"\n\nx ="),),
        said="syntax_error_inside/inner.py:3: SyntaxError: ",
    ),
    "null_byte": Package(code="x = '\0'", said="null byte"),
    "latin_1_code": Package(code=b"x = '\xe9'", said="SyntaxError: "),
    "recursion": Package(code="def again():\n    again()\nagain()", said=":2: RecursionError: "),
    "memory": Package(code="raise MemoryError", said=":1: MemoryError"),
    "assertion": Package(code="assert 1 == 2, 'one is not two'", said=":1: AssertionError: one is not two"),
    "missing_name": Package(code="from zoo.spec import Architekture", said=":1: ImportError: cannot import name"),
    "old_torch": Package(code="raise ImportError('needs torch 9')", said=":1: ImportError: needs torch 9"),
    "warns": Package(code="import warnings\nwarnings.warn('soon')", said="UserWarning: soon"),
    "deletes_itself": Package(code="import sys\ndel sys.modules[__name__]", said="KeyError: "),
    "replaces_itself": Package(code="import sys\nsys.modules[__name__] = 3", said="it must name a module"),
    "lazy_attributes": Package(code="def __getattr__(name):\n    raise RuntimeError(name)", said="RuntimeError: zoo_"),
    "odd_dir": Package(code="def __dir__():\n    return [1, 2]", said="the module has no hook"),
    "circular": Package(
        code="import circular.inner",
        files=(("circular/inner.py", b"from circular import late\n"),),
        said="circular/inner.py:1: ImportError: cannot import name 'late'",
    ),
    # what hooks do
    "returns_a_list": models("return [architecture('lost')]", said="zoo_register_models returns ["),
    "async_hook": Package(
        code=HEAD + "@zoo.hookimpl\nasync def zoo_register_models(register):\n    register(architecture('lost'))\n",
        said="returns a coroutine, since it is defined with async; it must only call register",
    ),
    "yields": models("yield architecture('lost')", said="returns a generator, since it contains yield"),
    "returns_sources": Package(
        code=HEAD + SOURCES + "return (source('lost'),)", said="zoo_register_sources returns (Source("
    ),
    "async_files": Package(
        code=HEAD + "@zoo.hookimpl\nasync def zoo_registry_files():\n    return []\n",
        said="zoo_registry_files returns a coroutine",
    ),
    "returns_numbers": files("return [3]", "TypeError: "),
    "returns_a_number": files("return 3", "TypeError: "),
    "exits_in_a_hook": models("sys.exit()", said="exits_in_a_hook/__init__.py:18: SystemExit without a message"),
    "interrupts_in_a_hook": models("raise KeyboardInterrupt", said=":18: KeyboardInterrupt"),
    "raises_in_files": files("raise OSError('disk')", ":18: OSError: disk"),
    "not_a_function": Package(
        code=HEAD + SOURCES + "register(source('lost', recognize='somewhere'))",
        said=":18: lost: recognize must be a string like 'package.module:function', not 'somewhere'",
    ),
    "option_is_no_argument": models(
        "register(architecture('lost', options={'my-depth': Option(default=1, help='')}))",
        said=":18: lost: the option 'my-depth' must be a name that an argument can have in Python",
    ),
    # names
    "name_is_a_path": models(
        "register(architecture('../../etc'))", said=":18: '../../etc' cannot be the name of an arch"
    ),
    "name_is_empty": Package(
        code=HEAD + SOURCES + "register(source(''))", said=":18: '' cannot be the name of a source"
    ),
    "name_is_an_option": models("register(architecture('--help'))", said="'--help' cannot be the name"),
    "name_is_long": models("register(architecture('x' * 200))", said="a name has at most 100 letters"),
    "name_of_plugin": Package(code=HEAD, point="../evil", said="'../evil' cannot be the name of a plugin"),
    "name_of_plugin_is_none": Package(code=HEAD, point="none", said="'none' cannot be the name of a plugin"),
    "value_of_point": Package(code=HEAD, value="no module!", said="it must name a module"),
    "row_is_a_path": rows(
        "models:\n" + ROW.format("../../etc"), "registry.yaml:2: '../../etc' cannot be the name of a"
    ),
    "row_is_empty": rows("models:\n" + ROW.format("''"), "registry.yaml:2: '' cannot be the name of a model"),
    "row_is_a_pattern": rows("models:\n" + ROW.format("'*'"), "registry.yaml:2: '*' cannot be the name of a model"),
    "row_is_an_option": rows("models:\n" + ROW.format("--help"), "registry.yaml:2: '--help' cannot be the name"),
    "row_has_two_lines": rows('models:\n  "a\\nb": {architecture: dala}\n', "registry.yaml:2: 'a\\nb' cannot be the"),
    "recipe_is_a_path": rows(
        "recipes:\n  ../x: {summary: s}\n", "registry.yaml:2: '../x' cannot be the name of a recipe"
    ),
    "recipe_is_a_file": rows(
        "recipes:\n  x.yaml: {summary: s}\n", "registry.yaml:2: a recipe cannot be called 'x.yaml', which"
    ),
    "paper_is_empty": rows(
        "papers:\n  '': {title: t, authors: a, year: 1}\n", "registry.yaml:2: '' cannot be the name of a paper"
    ),
    # registry files
    "alias_of_itself": rows("models:\n  a: &a {architecture: dala, options: *a}\n", "registry.yaml:2: "),
    "alias_in_a_list": rows("models: &x [*x]\n", "registry.yaml:1: is nested too deeply, or contains itself"),
    "nested_500_times": rows("models: " + "[" * 500 + "]" * 500, "registry.yaml:1: is nested too deeply"),
    "brackets": rows("[" * 100_000, "registry.yaml:1: is not YAML: "),
    "endless": files("return ['/dev/zero']", "/dev/zero: is a pipe or a device, not a file"),
    "pipe": Package(
        code=HEAD
        + "import os\nPIPE = Path(__file__).with_name('pipe')\nos.mkfifo(PIPE)\n\n\n"
        + FILES
        + "return [PIPE]",
        said="pipe: is a pipe or a device, not a file",
    ),
    "folder": files("return [Path(__file__).parent]", "cannot be read: Is a directory"),
    "path_with_null": files("return ['a\\0b']", "embedded null"),
    "many_rows": rows("models:\n" + "  m: {architecture: dala}\n" * 400_000, "is larger than 2 MB"),
    "latin_1_rows": rows(b"papers:\n  a: {title: caf\xe9, authors: a, year: 1}\n", "registry.yaml: is not UTF-8 text"),
    "two_documents": rows("models: {}\n---\nmodels: {}\n", "is not YAML: "),
    "row_twice": rows("models:\n" + ROW.format("a") * 2, "registry.yaml:3: the key 'a' occurs twice"),
}

UNRELATED: dict[str, tuple[tuple[str, bytes], ...]] = {
    "garbage": (
        ("METADATA", b"Name: garbage\nVersion: 1\n"),
        ("entry_points.txt", b"[console_scripts]\nno equals sign\n"),
    ),
    "bytes": (("METADATA", b"Name: bytes\nVersion: 1\n"), ("entry_points.txt", b"\xff\xfe\x00")),
    "latin": (("METADATA", b"Name: latin\nAuthor: Andr\xe9\n"), ("entry_points.txt", b"[other]\na = b\n")),
}
"""Packages that have nothing to do with us, whose metadata are damaged."""

SOUND: dict[str, Package] = {
    "plain": models("register(architecture('plain_net'))", models=("plain_net",)),  # type: ignore[arg-type]
    "prints": Package(
        code=HEAD
        + "print('hello from prints')\n"
        + MODELS
        + "print('and its hook')\n    register(architecture('prints_net'))",
        models=("prints_net",),
    ),
    "writes_to_descriptor": Package(
        code=HEAD + "import os\nos.write(1, b'hello from C')\n" + MODELS + "register(architecture('descriptor_net'))",
        models=("descriptor_net",),
    ),
    "runs_a_program": Package(
        code=HEAD
        + "import subprocess\nsubprocess.run(['echo', 'hello from echo'], check=True)\n"
        + MODELS
        + "register(architecture('program_net'))",
        models=("program_net",),
    ),
    "submodule": Package(
        value="submodule.deep.plugin",
        files=(
            ("submodule/deep/__init__.py", b""),
            ("submodule/deep/plugin.py", (HEAD + MODELS + "register(architecture('deep_net'))").encode()),
        ),
        models=("deep_net",),
    ),
    "attribute": Package(
        code="from attribute import inner",
        value="attribute:inner",
        files=(("attribute/inner.py", (HEAD + MODELS + "register(architecture('inner_net'))").encode()),),
        models=("inner_net",),
    ),
    "no_files": Package(
        code=HEAD + MODELS + "register(architecture('no_files_net'))\n\n\n" + FILES + "return None",
        models=("no_files_net",),
    ),
    "text_paths": Package(
        code=HEAD + FILES + "return (str(Path(__file__).with_name('registry.yaml')),)",
        registry="models:\n" + ROW.format("text_paths_net"),
        models=("text_paths_net",),
    ),
    "yields_paths": Package(
        code=HEAD + FILES + "yield Path(__file__).with_name('registry.yaml')",
        registry="models:\n" + ROW.format("yields_net"),
        models=("yields_net",),
    ),
    "byte_order_mark": rows(b"\xef\xbb\xbfmodels:\n  bom_net: {architecture: dala}\n", models=("bom_net",)),
    "windows_lines": rows(b"models:\r\n  windows_net: {architecture: dala}\r\n", models=("windows_net",)),
    "empty_registry": Package(
        code=OWN_FILE + "\n\n" + MODELS + "register(architecture('empty_net'))", registry="", models=("empty_net",)
    ),
    "anchors": rows(
        "models:\n  anchor_a: &a {architecture: dala, options: {gate: relu}}\n  anchor_b: *a\n",
        models=("anchor_a", "anchor_b"),
    ),
    "odd_names": models(
        "[register(architecture(name)) for name in ('7net', 'net-1.5_B', 'x' * 100)]",
        models=("7net", "net-1.5_B", "x" * 100),  # type: ignore[arg-type]
    ),
    "handles_errors": Package(
        code="try:\n    raise KeyboardInterrupt\nexcept KeyboardInterrupt:\n    pass\n"
        + HEAD
        + MODELS
        + "register(architecture('handles_net'))",
        models=("handles_net",),
    ),
    "starts_a_thread": Package(
        code=HEAD
        + "import threading\nthreading.Thread(target=print, args=('from a thread',)).start()\n"
        + MODELS
        + "register(architecture('thread_net'))",
        models=("thread_net",),
    ),
    "decorated": Package(
        code=HEAD
        + "import functools\n\n\ndef logged(function):\n    @functools.wraps(function)\n    def call(register):\n"
        + "        return function(register)\n    return call\n\n\n@zoo.hookimpl\n@logged\n"
        + "def zoo_register_models(register):\n    register(architecture('decorated_net'))",
        models=("decorated_net",),
    ),
}


def install(site: Site, name: str, package: Package) -> None:
    """Install a package."""
    site.install(name, point=package.point, value=package.value)
    folder = site.folder / name
    content = package.code.encode() if isinstance(package.code, str) else package.code
    (folder / "__init__.py").write_bytes(content)
    if package.registry is not None:
        text = package.registry.encode() if isinstance(package.registry, str) else package.registry
        (folder / "registry.yaml").write_bytes(text)
    for path, content in package.files:
        (site.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (site.folder / path).write_bytes(content)


def install_metadata(site: Site, name: str, files: tuple[tuple[str, bytes], ...]) -> Path:
    """Install only the metadata of a package; return their folder."""
    info = site.folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    for file, content in files:
        (info / file).write_bytes(content)
    return info
