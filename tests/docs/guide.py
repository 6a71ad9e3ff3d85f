"""The code blocks of a guide, and a reader who runs them in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.warm_python import WarmPython

FENCE = re.compile(r'```(?P<kind>\S*)(?: title="(?P<title>[^"]+)")?')


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block."""

    kind: str
    title: str | None
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced code blocks of a page, in order."""
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
    """Return the cells of all table rows below a heading, without the tables' heads."""
    section = page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    rules = {number for number, row in enumerate(cells) if set("".join(row)) <= {"-"}}
    return [row for number, row in enumerate(cells) if number not in rules and number + 1 not in rules]


def matches(expected: str, line: str) -> bool:
    """Return whether a printed line contains the expected text; `...` is any text, and several spaces are one."""
    parts = [re.escape(" ".join(part.split())) for part in expected.split("...")]
    return re.search(".*".join(parts), " ".join(line.split())) is not None


@dataclass
class Reader:
    """A reader who runs the blocks of a guide, with an empty folder to work in and another to install to."""

    folder: Path
    site: Path
    env: Mapping[str, str]
    python: WarmPython
    path: list[Path] = field(default_factory=list)
    """The folders of packages installed with `-e`."""

    def follow(self, block: Block) -> None:
        """Write the file or run the code of one block."""
        if block.title is not None and block.kind in ("python", "yaml"):
            self._write(self.folder / block.title, block.text)
        elif block.kind == "python":
            self._python(block)
        elif block.kind == "console":
            self._console(block)
        else:
            raise AssertionError(f"line {block.line}: cannot run a block of {block.kind or 'plain text'}")

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _python(self, block: Block) -> None:
        done = self._run(["-c", block.text], {})
        assert done.returncode == 0, f"line {block.line}:\n{done.stdout}"

    def _console(self, block: Block) -> None:
        assert block.text.startswith("$ "), f"line {block.line}: a console block begins with a command"
        for step in block.text.removeprefix("$ ").split("\n$ "):
            command, *expected = step.splitlines()
            self._command(command, [line for line in expected if line.strip() not in ("", "...")], block.line)

    def _command(self, command: str, expected: list[str], line: int) -> None:
        *settings, program, rest = _words(command)
        done = self._run(self._program(program, rest), dict(setting.split("=", 1) for setting in settings))
        report = f"line {line}: {command}\n{done.stdout}"
        fails = any(one.startswith(("error:", "FAILED")) for one in expected)
        assert done.returncode == (1 if fails else 0), report
        printed = iter(done.stdout.splitlines())
        for one in expected:
            assert any(matches(one, line) for line in printed), (
                f"{one!r} is not printed, or not in this order\n{report}"
            )
        if program == "pip":
            self._use_in_place(self.folder / rest[-1])

    def _program(self, name: str, words: list[str]) -> list[str]:
        """Return what Python runs for a program: from this checkout, and without a network."""
        if name == "zoo":
            return ["-m", "zoo", *words]
        if name == "pytest":
            return ["-m", "pytest", "-p", "no:cacheprovider", *words]
        if name == "pip" and words[:2] == ["install", "-e"]:
            return ["-m", "pip", *pip_install(self.site), str(self.folder / words[2])]
        raise AssertionError(f"cannot run {name} {' '.join(words)}")

    def _use_in_place(self, package: Path) -> None:
        """Do what `-e` does: the metadata are installed, and the code is imported from its own folder."""
        self.path.append(package)
        for module in self.site.glob("zoo_*"):
            if module.suffix != ".dist-info":
                shutil.rmtree(module)

    def _run(self, words: list[str], settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self.site), *map(str, self.path), os.environ.get("PYTHONPATH", "")])
        env = {**self.env, **settings, "PYTHONPATH": path.strip(os.pathsep)}
        return self.python.run(words, folder=self.folder, env=env, together=True)


def pip_install(site: Path) -> list[str]:
    """Return the arguments with which pip installs into a folder, without a network and without dependencies."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    return ["install", *quiet, "--no-deps", "--no-build-isolation", "--no-index", "--target", str(site)]


def _words(command: str) -> tuple[object, ...]:
    """Return the environment settings before a command, the command, and its arguments."""
    words = shlex.split(command)
    first = next(number for number, word in enumerate(words) if "=" not in word)
    return (*words[:first], words[first], words[first + 1 :])
