"""The table of faults in docs/hub-faults.md: what each command prints, and what is on the Hub and in the cache then.

Run `python -m tests.hub.fault_table` to write it again.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.hub.fake_hub import Hub, point_client
from tests.hub.faults import FAULTS, HubFault, killed_at
from zoo import create_model
from zoo.cli import main
from zoo.hub.cached_commit import find_commit, first_fault
from zoo.hub.download_options import DownloadOptions

REPO = "ada/tiny"
PAGE = Path(__file__).parents[2] / "docs" / "hub-faults.md"
BEGIN, END = "<!-- python -m tests.hub.fault_table -->", "<!-- end -->"
COMMANDS = {
    "zoo push": (["push", "NEW", REPO], ("POST", "/commit/")),
    "zoo pull": (["pull", REPO, "--no-verify"], ("GET", "/api/models/")),
    "zoo predict": (["predict", REPO, "tile.png"], ("GET", "/api/models/")),
}
KILLED = "killed when the request arrives"


@contextmanager
def workplace() -> Iterator[Hub]:
    """Run a fake Hub with the client pointed at it, in a folder with two models and an image."""
    with (
        tempfile.TemporaryDirectory() as name,
        Hub().running() as hub,
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", DeprecationWarning)
        patch.chdir(name)
        for number, model in enumerate(("OLD", "NEW")):
            torch.manual_seed(number)
            create_model("resnet20", classes=["benign", "malignant"], options={"depth": 8}).save(model)
        Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save("tile.png")
        point_client(patch, hub.url, Path(name) / "home")
        yield hub


def run(words: Sequence[str]) -> tuple[int, str]:
    """Run a command, and return its exit status and what it prints on standard error."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as errors, pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0), errors.getvalue()


def row(hub: Hub, fault: HubFault | None, command: str, *, earlier_copy: bool) -> list[str]:
    """Make a fault happen to a command, and return its row of the table; without a fault it is killed."""
    words, request = COMMANDS[command]
    hub.repositories.clear()
    hub.blobs.clear()
    shutil.rmtree("home", ignore_errors=True)
    run(["push", "OLD", REPO])
    if earlier_copy:
        run(["pull", REPO])
    if command != "zoo push":
        run(["push", "NEW", REPO])
    before = [commit.oid for commit in hub.repositories[REPO].commits]
    if fault is None:
        killed_at(hub, *request, lambda: run(words))
        shown, status = "nothing", "137"
    else:
        with fault.happen(hub, *(fault.at or request)):
            code, printed = run(words)
        shown, status = _shown(printed), str(code)
    after = [commit.oid for commit in hub.repositories[REPO].commits]
    state = f"the {'old' if after == before else 'new'} bundle" if command == "zoo push" else _cached(before)
    repeated = "works" if run(words)[0] == 0 else "FAILS"
    return [fault.name if fault else KILLED, status, shown, state, repeated]


def _cached(commits: Sequence[str]) -> str:
    """Return which copy the cache has, whole and undamaged."""
    folder = find_commit(REPO, DownloadOptions())
    if folder is None or first_fault(folder):
        return "none"
    return "the new copy" if folder.name == commits[-1] else "the earlier copy"


def _shown(printed: str) -> str:
    """Return what was printed, with names that do not change from run to run."""
    text = re.sub(r"http://127\.0\.0\.1:\d+", "https://huggingface.co", printed.strip())
    text = re.sub(r"received 0 bytes, expected \d+", "received 0 bytes, expected 900", text)
    text = re.sub(r"commit [0-9a-f]{8}", "commit 1a2b3c4d", text)
    text = re.sub(r"20\d\d-\d\d-\d\d", "2026-03-01", text)
    text = re.sub(r"/\S+/home/hub/\S+/blobs/\S+", "~/.cache/huggingface/…", text)
    text = re.sub(r"/\S+/home/hub/\S+", "~/.cache/huggingface/…", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "<br>".join(f"`{line}`" for line in lines) or "nothing"


def table(hub: Hub, command: str, *, earlier_copy: bool) -> str:
    """Return the table of one command."""
    where = "the Hub has" if command == "zoo push" else "the cache has"
    head = ["fault", "exit status", "printed on standard error", where, "repeated"]
    faults = [*(fault for fault in FAULTS if command in fault.commands), None]
    rows = [row(hub, fault, command, earlier_copy=earlier_copy) for fault in faults]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])


def tables() -> str:
    """Return all tables."""
    with workplace() as hub:
        parts = [
            "`zoo push` over an older bundle; the fault happens to the commit, the last request:",
            table(hub, "zoo push", earlier_copy=False),
            "`zoo pull --no-verify` of a new version, with the old one in the cache:",
            table(hub, "zoo pull", earlier_copy=True),
            "`zoo predict` with a model that was never downloaded:",
            table(hub, "zoo predict", earlier_copy=False),
        ]
    return "\n\n".join(parts)


def written() -> str:
    """Return the tables in the documentation."""
    text = PAGE.read_text(encoding="utf-8")
    return text.partition(BEGIN)[2].partition(END)[0].strip()


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables()}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
