"""Files and folders written atomically, JSON, CSV, and the sha256 of files."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zoo.errors import UsageError
from zoo.text import is_printable, quoted, storage_size


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield the path of a temporary file in the same folder; it is renamed to `path` if the block raises no error.

    The file has the permissions of any new file, by the umask, even if the block replaces it: safetensors writes files
    that only their owner can read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch()
        mode = stat.S_IMODE(part.stat().st_mode)
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.chmod(mode)
        part.replace(path)
    except OSError as error:
        if error.filename is None:  # the error of a full disk names no file
            error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


def refuse_existing(path: Path, *, hint: str) -> None:
    """Raise a UsageError if a file that a command is to write exists already."""
    if path.exists():
        raise UsageError("already exists; nothing is overwritten", where=str(path), hint=hint)


def next_free(path: Path) -> Path:
    """Return the first path of `name-2.png`, `name-3.png` and so on that does not exist."""
    number = 2
    while (free := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return free


@contextmanager
def atomic_folder(path: Path, *, locked: bool) -> Iterator[Path]:
    """Yield a new temporary folder beside `path`; it is renamed to `path` only if the block raises no error.

    Args:
        path: The folder to create.
        locked: Whether the caller holds a lock, so that no other process writes the same folder. Then the temporary
            folder always has the same name, and what a killed process left is removed first.
    """
    part = path.with_name(f".{path.name}.part" if locked else f".{path.name}.{secrets.token_hex(4)}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        yield part
        part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)  # after a success it has been renamed


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text to a file, atomically."""
    with atomic_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, document: Any) -> None:
    """Write an indented JSON document, atomically; NaN raises a ValueError, since JSON does not define it."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table as a CSV file, atomically."""
    with atomic_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)


def read_text(path: Path, *, at_most: int) -> str:
    """Return the UTF-8 text in a file that is not trusted.

    Args:
        path: The file.
        at_most: The size in bytes of the largest file that is read.

    Raises:
        OSError: The file cannot be read.
        UnicodeDecodeError: It is not UTF-8.
        ValueError: It is too large, or not a file; the message says which.
    """
    if not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode):
        raise ValueError("is a pipe or a device, not a file")  # reading it might never end
    with path.open("rb") as file:
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise ValueError(f"is larger than {storage_size(at_most)}, the most that is read")
    return content.decode("utf-8")


def read_json(path: Path, *, at_most: int) -> Any:
    """Return the document in a JSON file that is not trusted.

    Args:
        path: The file.
        at_most: The size in bytes of the largest file that is read.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not JSON, too large, nested too deeply, or has control characters in a string; the message
            says which.
    """
    try:
        text = read_text(path, at_most=at_most)
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise ValueError(f"it {error}") from error
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if "\\" in text or not is_printable(text):  # in JSON, most control characters are written as escapes
        _check_strings(document)
    return document


def _check_strings(document: Any) -> None:
    """Raise a ValueError for a string that a terminal or a file cannot show as it is."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and not is_printable(value):
            raise ValueError(
                f"it contains a string with control characters, or that is not valid Unicode: {quoted(value)}"
            )
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value


def sha256(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal text, without reading the whole file into memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
