"""The doors through which a bundle comes in: loaded, predicted with, verified, its card written, its files listed."""

from __future__ import annotations

import json
import math
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from tests.fuzz.card_structure import what_a_card_injects
from zoo import from_pretrained
from zoo.cli import main
from zoo.errors import ZooError
from zoo.hub.commit import bundle_paths, commit_operations
from zoo.hub.pushed_card import pushed_card
from zoo.hub.repository import Remote

SECONDS = 1.0
"""How much computing a refusal may cost."""
ANSWER_SECONDS = 3.0
"""How much computing an answer may cost, for the largest image that a bundle may ask for."""
GIVE_UP = 20.0
"""After so many seconds a door hangs."""
MEGABYTES = 400
"""How much more memory a bundle may cost, most of it for an input of the size that it states."""
SCREEN_LINES, SCREEN = 24, 24 * 80
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity)\b", re.IGNORECASE)


class Hangs(BaseException):
    """A door has not answered; nothing may catch this."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one door did with a bundle."""

    door: str
    refused: bool
    """Whether it raised a ZooError, or ended with exit status 1."""
    faults: tuple[str, ...]
    """What it must never do."""
    seconds: float
    megabytes: float


def try_bundle(folder: Path, image: Path) -> list[Trial]:
    """Take a bundle through every door."""
    return [_tried(door, DOORS[door], folder, image) for door in DOORS]


def _tried(door: str, enter: Callable[[Path, Path], list[str]], folder: Path, image: Path) -> Trial:
    """Return what one door did."""
    faults: list[str] = []
    refused = False
    before, start = _peak_memory(reset=True), time.process_time()
    try:
        with _alarm(GIVE_UP):
            faults = enter(folder, image)
            refused = REFUSED in faults
            faults = [fault for fault in faults if fault != REFUSED]
    except ZooError as error:
        refused = True
        faults = _faults_of_text(str(error))
    except Hangs:
        faults = ["hangs"]
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is a fault
        faults = [f"foreign exception: {type(error).__name__}"]
    seconds, megabytes = time.process_time() - start, (_peak_memory() - before) / 1e3
    if seconds > (SECONDS if refused else ANSWER_SECONDS) and "hangs" not in faults:
        faults.append("takes more than a second")
    if megabytes > MEGABYTES:
        faults.append("takes much memory")
    return Trial(door=door, refused=refused, faults=tuple(faults), seconds=seconds, megabytes=megabytes)


REFUSED = "refused"


def _load(folder: Path, image: Path) -> list[str]:
    from_pretrained(folder)
    return []


def _predict_json(folder: Path, image: Path) -> list[str]:
    return _command("predict", folder, image, "--json", as_json=True)


def _predict(folder: Path, image: Path) -> list[str]:
    return _command("predict", folder, image)


def _verify(folder: Path, image: Path) -> list[str]:
    return _command("verify", folder, as_json=False)


def _card(folder: Path, image: Path) -> list[str]:
    api: Any = None  # only asked for a card that is on the Hub
    found = what_a_card_injects(pushed_card(api, None, folder, "ada/tiny", license_id=None, new_card=True).text)
    pushed_card(api, None, folder, "ada/tiny", license_id=None, new_card=False)  # with what is written in the folder's
    return found


def _push(folder: Path, image: Path) -> list[str]:
    """List the files that a push uploads."""
    nothing = Remote(repo="ada/tiny", commit=None, private=False)
    found = commit_operations(nothing, bundle_paths(folder), "card")
    sent = [getattr(one, "path_or_fileobj", None) for one in found]
    elsewhere = [one for one in sent if isinstance(one, str) and Path(one).resolve().parent != folder.resolve()]
    return ["uploads a file from elsewhere"] if elsewhere else []


DOORS: Mapping[str, Callable[[Path, Path], list[str]]] = {
    "load": _load,
    "predict": _predict,
    "predict --json": _predict_json,
    "verify": _verify,
    "card": _card,
    "push": _push,
}


def _command(*words: object, as_json: bool = False) -> list[str]:
    """Run a command, and return what is wrong with what it printed."""
    out, err = StringIO(), StringIO()
    status: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as ended:
            status = ended.code
    faults = _faults_of_text(err.getvalue())
    printed = out.getvalue()
    faults += ["prints control characters"] * bool(UNSAFE.search(printed))
    if as_json and printed:
        faults += _faults_of_json(printed)
    elif not as_json:
        faults += ["prints NaN or infinity"] * bool(NOT_A_NUMBER.search(printed))
    return [*faults, REFUSED] if status else faults


def _faults_of_text(text: str) -> list[str]:
    """Return what is wrong with a message."""
    faults = ["prints control characters"] * bool(UNSAFE.search(text))
    if len(text) > SCREEN or len(text.splitlines()) > SCREEN_LINES:
        faults.append("message is longer than a screen")
    if "evil" in text and "pip install" in text and ";" in text.split("pip install", 1)[1].split("'")[0]:
        faults.append("advises a command of the bundle")
    return faults


def _faults_of_json(text: str) -> list[str]:
    """Return what is wrong with a document that a command printed."""

    def refuse(constant: str) -> float:
        raise ValueError(constant)

    try:
        rows = json.loads(text, parse_constant=refuse)
    except ValueError:
        return ["prints no valid JSON"]
    numbers = [value for row in rows for value in row.get("probabilities", {}).values()]
    return ["prints NaN or infinity"] * (not all(map(math.isfinite, numbers)))


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise Hangs in this block after so many seconds."""

    def hang(_number: int, _frame: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _peak_memory(*, reset: bool = False) -> float:
    """Return the largest memory of this process in kilobytes; with `reset`, the present one counts from now on."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    fields = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in fields if line.startswith("VmHWM"))
