"""A guide's blocks of code, and a stranger in an empty folder who does what they say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r'```(?P<kind>\S*)(?: title="(?P<title>[^"]+)")?')
MINUTES = 5 * 60


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block."""

    kind: str
    title: str | None
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), start=1))
    for number, line in lines:
        if not line.startswith("```"):
            continue
        opening = FENCE.fullmatch(line)
        assert opening, f"{page.name}:{number}: {line}"
        inside = []
        for _, following in lines:
            if following == "```":
                break
            inside.append(following)
        yield Block(kind=opening["kind"], title=opening["title"], text="\n".join(inside) + "\n", line=number)


def tables(page: Path, heading: str) -> list[list[str]]:
    """The cells of all table rows below a heading, without heads and rules."""
    section = page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    rules = {number for number, row in enumerate(cells) if set("".join(row)) <= {"-"}}
    return [row for number, row in enumerate(cells) if number not in rules and number + 1 not in rules]


def said(expected: str, line: str) -> bool:
    """Whether a printed line holds an expected one: `...` is anything, and several spaces are one."""
    parts = [re.escape(" ".join(part.split())) for part in expected.split("...")]
    return re.search(".*".join(parts), " ".join(line.split())) is not None


@dataclass
class Stranger:
    """Somebody with an empty folder, a place to install to, and nothing else."""

    folder: Path
    site: Path
    env: Mapping[str, str]
    path: list[Path] = field(default_factory=list)
    """Folders of packages installed with `-e`."""

    def follow(self, block: Block) -> None:
        """Do what one block says."""
        if block.title is not None and block.kind in ("python", "yaml"):
            self._write(self.folder / block.title, block.text)
        elif block.kind == "python":
            self._python(block)
        elif block.kind == "console":
            self._console(block)
        else:
            raise AssertionError(f"line {block.line}: nobody knows how to follow a block of {block.kind or 'nothing'}")

    def _write(self, place: Path, text: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def _python(self, block: Block) -> None:
        done = self._run([sys.executable, "-c", block.text], {})
        assert done.returncode == 0, f"line {block.line}:\n{done.stdout}"

    def _console(self, block: Block) -> None:
        assert block.text.startswith("$ "), f"line {block.line}: a console begins with a command"
        for step in block.text.removeprefix("$ ").split("\n$ "):
            command, *expected = step.splitlines()
            self._command(command, [line for line in expected if line.strip() not in ("", "...")], block.line)

    def _command(self, command: str, expected: list[str], line: int) -> None:
        *settings, program, rest = _words(command)
        done = self._run(self._program(program, rest), dict(setting.split("=", 1) for setting in settings))
        told = f"line {line}: {command}\n{done.stdout}"
        fails = any(one.startswith(("error:", "FAILED")) for one in expected)
        assert done.returncode == (1 if fails else 0), told
        printed = iter(done.stdout.splitlines())
        for one in expected:
            assert any(said(one, line) for line in printed), f"{one!r} is not printed, or not in this order\n{told}"
        if program == "pip":
            self._use_in_place(self.folder / rest[-1])

    def _program(self, name: str, words: list[str]) -> list[str]:
        """The command as it can be run here: from this checkout, and without a network."""
        if name == "zoo":
            return [sys.executable, "-m", "zoo", *words]
        if name == "pytest":
            return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
        if name == "pip" and words[:2] == ["install", "-e"]:
            return [sys.executable, "-m", "pip", *pip_install(self.site), str(self.folder / words[2])]
        raise AssertionError(f"nobody knows how to run {name} {' '.join(words)}")

    def _use_in_place(self, package: Path) -> None:
        """What `-e` means: the metadata are installed, and the code is taken from where it lies."""
        self.path.append(package)
        for module in self.site.glob("zoo_*"):
            if module.suffix != ".dist-info":
                shutil.rmtree(module)

    def _run(self, words: list[str], settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self.site), *map(str, self.path), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            words,
            cwd=self.folder,
            env={**self.env, **settings, "PYTHONPATH": path.strip(os.pathsep)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=MINUTES,
            check=False,
        )


def pip_install(site: Path) -> list[str]:
    """Install into a folder of its own, with what is here already."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    return ["install", *quiet, "--no-deps", "--no-build-isolation", "--no-index", "--target", str(site)]


def _words(command: str) -> tuple[object, ...]:
    """The settings before a command, the command, and the words behind it."""
    words = shlex.split(command)
    first = next(number for number, word in enumerate(words) if "=" not in word)
    return (*words[:first], words[first], words[first + 1 :])
