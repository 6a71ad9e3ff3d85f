"""Hostile bundles: copies of a sound one, each changed at random. The same seed gives the same bundles."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.hostile_tensors import change_header, change_tensors
from tests.fuzz.hostile_values import NUMBERS, TEXTS, change_anywhere, hostile_value
from zoo.bundle.bundle_files import BASELINE, CALIBRATION, CARD, CONFIG, FILES, GOLDEN, METRICS, NOVELTY, SEEN, WEIGHTS
from zoo.files import sha256

TERABYTE = 1 << 40
DESCRIBED = {"weights": WEIGHTS, "seen": SEEN, "baseline": BASELINE, "calibration": CALIBRATION, "novelty": NOVELTY}
"""The files whose sha256 is in config.json."""
OPTIONS: Mapping[str, tuple[Any, ...]] = {
    "small_resnet": (
        {"depth": 8},
        {"depth": 600_002},
        {"depth": 1202},
        {"depth": "8"},
        {"depth": 8.0},
        {"depth": None},
    ),
    "cbam": ({"depth": 8, "reduction": 10**8, "kernel": 3}, {"depth": 8, "reduction": 8, "kernel": 10**8}),
    "senet": ({"depth": 8, "reduction": 0}, {"depth": 600_002, "reduction": 8}),
    "resnet50": ({}, {"depth": 50}),
    "vgg16": ({},),
    "dala": ({"gate": "relu", "fusion": "sum", "dropout": 1e308}, {"gate": ["relu"], "fusion": "", "dropout": -1}),
    "lung_frelu": ({"kernel": 10**8}, {}),
    "os:system": ({},),
}


def make_hostile(sound: Path, folder: Path, random: Random) -> tuple[str, str]:
    """Copy a sound bundle and change the copy; return the kind of the attack, and what it is in particular.

    Args:
        sound: A bundle that has every file.
        folder: The new folder.
        random: Decides what is changed.
    """
    shutil.copytree(sound, folder)
    kind = random.choice(tuple(ATTACKS))
    what = ATTACKS[kind](folder, random)
    if random.random() < 0.95:
        _describe_files(folder)
    return kind, what


def _describe_files(folder: Path) -> None:
    """Write the sha256 of the changed files into config.json, as an attacker would."""
    config = folder / CONFIG
    try:
        document = json.loads(config.read_bytes()) if _is_small_file(config) else None
    except (ValueError, RecursionError):
        return
    if not isinstance(document, dict):
        return
    for key, name in DESCRIBED.items():
        if isinstance(document.get(key), dict) and _is_small_file(folder / name):
            document[key]["sha256"] = sha256(folder / name)
    config.write_text(json.dumps(document), encoding="utf-8")


def _is_small_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size < 50_000_000


def _change_json(folder: Path, name: str, random: Random, value: Any) -> str:
    """Change a value anywhere in a JSON file."""
    document = json.loads((folder / name).read_bytes())
    what = change_anywhere(document, random, value)
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return f"{name}{what}"


def _values(folder: Path, random: Random) -> str:
    return _change_json(folder, random.choice((CONFIG, CONFIG, METRICS)), random, hostile_value(random))


def _numbers(folder: Path, random: Random) -> str:
    return _change_json(folder, random.choice((CONFIG, METRICS)), random, random.choice(NUMBERS))


def _texts(folder: Path, random: Random) -> str:
    """Put one text into every place of a document where it might be shown."""
    name, text = random.choice((CONFIG, CONFIG, METRICS)), random.choice(TEXTS)
    document = json.loads((folder / name).read_bytes())
    kept = random.choice(("architecture", "none of them"))

    def replaced(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: replaced(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [replaced(item, key) for item in value]
        shown = isinstance(value, str) and key not in ("library", "head", "sha256", "file", kept)
        return f"{text}{random.randrange(10)}" if shown and random.random() < 0.3 else value

    (folder / name).write_text(json.dumps(replaced(document, "")), encoding="utf-8")
    return f"text in {name}: {text[:40]!r}"


def _classes(folder: Path, random: Random) -> str:
    document = json.loads((folder / CONFIG).read_bytes())
    text = random.choice(TEXTS)
    document["classes"] = random.choice(
        ([text, "b"], [text, text], [f"{text}1", f"{text}2"], [str(n) for n in range(100_000)], [text] * 3, [], ["a"])
    )
    (folder / CONFIG).write_text(json.dumps(document), encoding="utf-8")
    return "classes"


def _sizes(folder: Path, random: Random) -> str:
    """Change what decides how large the network and its inputs are."""
    document = json.loads((folder / CONFIG).read_bytes())
    if random.random() < 0.5:
        for side in random.choice((("height",), ("width",), ("height", "width"))):
            document["preprocessing"][side] = random.choice(
                (0, -1, 1, 7, 3000, 65_536, 10**6, 10**18, 10**400, 1.5, "64")
            )
        for key in ("mean", "std"):
            if random.random() < 0.3:
                document["preprocessing"][key] = [random.choice(NUMBERS)] * 3
    else:
        document["architecture"] = random.choice(tuple(OPTIONS))
        document["options"] = random.choice(OPTIONS[document["architecture"]])
        document["head"] = random.choice(("softmax", "softmax", "sigmoid"))
    (folder / CONFIG).write_text(json.dumps(document), encoding="utf-8")
    return "sizes and options"


def _other_documents(folder: Path, random: Random) -> str:
    name = random.choice((SEEN, BASELINE, CALIBRATION))
    return _change_json(folder, name, random, hostile_value(random))


def _no_json(folder: Path, random: Random) -> str:
    """Write bytes that are no document of the expected kind."""
    name = random.choice((CONFIG, METRICS, SEEN, BASELINE, CALIBRATION, CARD))
    data = (folder / name).read_bytes()
    contents: Mapping[str, Callable[[], bytes]] = {
        "empty": lambda: b"",
        "deep": lambda: b"[" * 200_000,
        "deep object": lambda: b'{"a":' * 200_000,
        "digits": lambda: b"9" * 100_000,
        "truncated": lambda: data[: random.randrange(len(data))],
        "large": lambda: b" " * 5_000_000 + data,
        "UTF-16": lambda: data.decode().encode("utf-16"),
        "binary": lambda: bytes(random.randrange(256) for _ in range(1000)),
        "list": lambda: b"[1, 2, 3]",
        "text": lambda: b'"text"',
        "twice": lambda: data + data,
        "damaged": lambda: _damaged(data, random),
    }
    what = random.choice(tuple(contents))
    (folder / name).write_bytes(contents[what]())
    return f"{name}: {what}"


def _damaged(data: bytes, random: Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(random.randint(1, 5)):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def _weights(folder: Path, random: Random) -> str:
    return f"{WEIGHTS}: {random.choice((change_tensors, change_header))(folder / WEIGHTS, random)}"


def _golden(folder: Path, random: Random) -> str:
    return f"{GOLDEN}: {random.choice((change_tensors, change_tensors, change_header))(folder / GOLDEN, random)}"


def _novelty(folder: Path, random: Random) -> str:
    if random.random() < 0.5:
        return f"{NOVELTY}: {random.choice((change_tensors, change_header))(folder / NOVELTY, random)}"
    document = json.loads((folder / CALIBRATION).read_bytes())
    document["novelty"]["layer"] = random.choice(
        ("conv1", "layer2.0.conv2", "", "fc.bias", "layer9", random.choice(TEXTS))
    )
    (folder / CALIBRATION).write_text(json.dumps(document), encoding="utf-8")
    return "layer of the features"


def _files(folder: Path, random: Random) -> str:
    """Put something that is no ordinary file in the place of a file."""
    path = folder / random.choice(FILES)
    what = random.choice(
        (
            "pipe",
            "sparse",
            "sparse header",
            "link",
            "link to a device",
            "loop",
            "dangling",
            "folder",
            "missing",
            "empty",
        )
    )
    data = path.read_bytes()
    path.unlink()
    if what == "pipe":
        os.mkfifo(path)
    elif what.startswith("sparse"):
        path.write_bytes(data if what == "sparse header" else b"")
        os.truncate(path, TERABYTE)
    elif what == "link":
        outside = folder.parent / "secret.txt"
        outside.write_bytes(data)
        path.symlink_to(outside)
    elif what == "link to a device":
        path.symlink_to(random.choice(("/dev/zero", "/dev/urandom", "/dev/stdin", "/dev/tty")))
    elif what == "loop":
        path.symlink_to(path.name)
    elif what == "dangling":
        path.symlink_to("nowhere")
    elif what == "folder":
        path.mkdir()
    elif what == "empty":
        path.touch()
    return f"{path.name}: {what}"


ATTACKS: Mapping[str, Callable[[Path, Random], str]] = {
    "values of any type": _values,
    "huge and odd numbers": _numbers,
    "text for terminal, card and shell": _texts,
    "names and numbers of classes": _classes,
    "sizes and options": _sizes,
    "seen, baseline, calibration": _other_documents,
    "files that are no documents": _no_json,
    "weights": _weights,
    "golden input and logits": _golden,
    "features and their layer": _novelty,
    "pipes, sparse files, links": _files,
}
"""The kinds of attack."""
