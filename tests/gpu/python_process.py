"""Code that is run in a process of its own, which has the packages of this one and nothing else of its state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.installed_packages import Answer

TIMEOUT = 120


@dataclass(frozen=True)
class PythonProcess:
    """Runs Python in a folder."""

    folder: Path

    def run(self, code: str, settings: dict[str, Any] | None = None, **env: str) -> Answer:
        """Run code that finds `settings` in a variable of this name, and the paths in them as text."""
        head = "import json, os\nsettings = json.loads(os.environ['SETTINGS'])\n"
        return self.command("-c", head + dedent(code), SETTINGS=json.dumps(settings or {}, default=str), **env)

    def command(self, *words: str, **env: str) -> Answer:
        """Run Python with these words."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **env},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        return Answer(status=done.returncode, out=done.stdout, err=done.stderr)
