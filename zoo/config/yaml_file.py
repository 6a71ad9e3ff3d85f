"""YAML files read into dataclasses by their declared types; errors name the file and the line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml

from zoo.config.fields import SettingError
from zoo.config.values import check, describe, parse, type_hints
from zoo.errors import CatalogError, did_you_mean
from zoo.files import read_text, write_text
from zoo.text import storage_size

MAX_BYTES = 2_000_000
"""The size in bytes of the largest file of other people that is read: over 10,000 models, in about two seconds."""
MAX_OWN_BYTES = 8_000_000
"""The size in bytes of the largest document that histozoo writes and reads: YAML of 1 MB takes two seconds."""
MAX_DEPTH = 50
"""How deeply the values of a file may be nested."""
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The safe loader and dumper of PyYAML: those of libyaml if PyYAML was built with it, which are many times faster."""


class _NodeLoader(LOADER):  # type: ignore[misc]
    """A loader that does not guess the types of scalars, which takes half of the time: the fields declare them."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:  # noqa: ARG002
        return "tag:yaml.org,2002:str"


Made = TypeVar("Made")


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write plain values to a YAML file, atomically; a ValueError is raised if they are more than can be read back."""
    text = yaml.dump(document, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=110)
    if len(text.encode()) > MAX_OWN_BYTES:
        raise ValueError(f"it would have more than {storage_size(MAX_OWN_BYTES)}")
    write_text(path, text)


def read_document(path: Path) -> Any:
    """Return the plain values in a YAML file that histozoo wrote.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is too large, is not YAML, or contains values that histozoo does not write.
    """
    try:
        return yaml.load(read_text(path, at_most=MAX_OWN_BYTES), Loader=LOADER)  # noqa: S506
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8 text") from error
    except yaml.YAMLError as error:
        raise ValueError(f"is not YAML: {error}") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except (AttributeError, KeyError) as error:  # raised by PyYAML for `!!timestamp x` and `!!bool x`
        raise ValueError("has a value that does not fit its tag") from error


class YamlFile:
    """A YAML file; errors about its contents name the file and the line."""

    def __init__(self, path: Path, *, hint: str | None = None) -> None:
        """Read the file; `hint` says what to do if it cannot be read."""
        self.path = path
        try:
            self.root = yaml.compose(read_text(path, at_most=MAX_BYTES), Loader=_NodeLoader)
        except OSError as error:
            raise CatalogError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from error
        except UnicodeDecodeError as error:
            raise CatalogError("is not UTF-8 text", where=str(path)) from error
        except ValueError as error:
            raise CatalogError(str(error), where=str(path)) from error
        except RecursionError as error:
            raise CatalogError("is nested too deeply", where=str(path)) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{path}:{mark.line + 1}" if mark else str(path)
            raise CatalogError(f"is not YAML: {getattr(error, 'problem', error)}", where=where) from error
        self._check_depth()

    def _check_depth(self) -> None:
        """Raise a CatalogError if values are nested too deeply, or an alias is a part of what it stands for."""
        level = [self.root] if self.root else []
        for _ in range(MAX_DEPTH):
            inner: dict[int, yaml.Node] = {}
            for node in level:
                if isinstance(node, yaml.MappingNode):
                    inner |= {id(part): part for pair in node.value for part in pair}
                elif isinstance(node, yaml.SequenceNode):
                    inner |= {id(part): part for part in node.value}
            level = list(inner.values())
            if not level:
                return
        raise CatalogError("is nested too deeply, or contains itself", where=self.place(level[0]))

    def place(self, node: yaml.Node) -> str:
        """Return the file and line of a node, as FILE:LINE."""
        return f"{self.path}:{node.start_mark.line + 1}"

    def pairs(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        """Return the values of a mapping by key; None and an empty node count as an empty mapping."""
        if node is None or (isinstance(node, yaml.ScalarNode) and node.value in ("", "~", "null")):
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise CatalogError("must be a mapping of names to values", where=self.place(node))
        values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise CatalogError("a name must be a string", where=self.place(key))
            if key.value in values:
                raise CatalogError(f"the key {key.value!r} occurs twice", where=self.place(key))
            values[key.value] = value
        return values

    def places(self, node: yaml.Node | None) -> dict[str, str]:
        """Return the file and line of each key of a mapping."""
        return {key.value: self.place(key) for key, _ in node.value} if node is not None and self.pairs(node) else {}

    def checked_pairs(self, node: yaml.Node | None, known: Collection[str]) -> dict[str, yaml.Node]:
        """Return the values of a mapping by key, like `pairs`; a key that is not known is an error."""
        values = self.pairs(node)
        for key, place in self.places(node).items():
            if key not in known:
                raise CatalogError(f"unknown key {key!r}", where=place, hint=did_you_mean(key, known))
        return values

    def text(self, node: yaml.Node) -> str:
        """Return a scalar as a string, unconverted."""
        if not isinstance(node, yaml.ScalarNode):
            raise CatalogError("must be a string", where=self.place(node))
        return str(node.value)

    def make(self, node: yaml.Node, kind: type[Made], **given: Any) -> Made:
        """Return a mapping as a dataclass; `given` has the values of fields that are not in the file."""
        allowed = [field for field in fields(kind) if field.name not in given]  # type: ignore[arg-type]
        pairs = self.checked_pairs(node, {field.name for field in allowed})
        for field in allowed:
            if field.name not in pairs and field.default is MISSING and field.default_factory is MISSING:
                raise CatalogError(f"the key {field.name!r} is missing", where=self.place(node))
        try:
            return kind(**given, **self._values(pairs, kind))
        except SettingError as error:
            raise CatalogError(error.message, where=self.place(pairs.get(error.keyword, node))) from error

    def values(self, node: yaml.Node | None, kind: type, *, ignore: Collection[str] = ()) -> dict[str, Any]:
        """Return the fields of a dataclass that a mapping has; any other key is an error, unless it is ignored."""
        known = {field.name for field in fields(kind)} | set(ignore)
        pairs = self.checked_pairs(node, known)
        return self._values({key: value for key, value in pairs.items() if key not in ignore}, kind)

    def _values(self, pairs: Mapping[str, yaml.Node], kind: type) -> dict[str, Any]:
        """Return the values of nodes as the types that the fields of a dataclass declare."""
        hints = type_hints(kind)
        return {key: self._value(key, value, hints[key]) for key, value in pairs.items()}

    def _value(self, key: str, node: yaml.Node, hint: Any) -> Any:
        """Return the value of a node as its declared type."""
        try:
            if is_dataclass(hint) and isinstance(hint, type):
                return self.make(node, hint)
            if isinstance(node, yaml.MappingNode):
                if get_origin(hint) is not Mapping:
                    raise ValueError(f"must be {describe(hint)}, not a mapping")
                inner = get_args(hint)[1]
                return {name: self._value(f"{key}.{name}", value, inner) for name, value in self.pairs(node).items()}
            if get_origin(hint) is Mapping:
                raise ValueError("must be a mapping of names to values")
            if isinstance(node, yaml.SequenceNode):
                if get_origin(hint) is not tuple:
                    raise ValueError(f"must be {describe(hint)}, not a list")
                return check([self._value(key, value, get_args(hint)[0]) for value in node.value], hint)
            return _scalar(node, hint)
        except ValueError as error:
            raise CatalogError(f"{key} {error}", where=self.place(node)) from error


def _scalar(node: yaml.Node, hint: Any) -> Any:
    """Return a scalar as its declared type: `1e-4` is a number, and `no` is a string where a string is declared."""
    if getattr(node, "style", None) in ("'", '"'):
        return check(node.value, hint)
    if get_origin(hint) is tuple:
        raise ValueError(f"must be {describe(hint)}, in brackets: [...]")
    return parse(node.value, hint)
