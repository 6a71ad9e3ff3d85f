from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.training.trackers.logged_runs import NAMES, expected
from tests.warm_python import WarmPython
from zoo.runs import Run

PROGRAM = """
import json, sys
from pathlib import Path
from tests.training.trackers.logged_runs import stopped_run
from zoo.training import resume

settings, out = json.loads(sys.argv[1]), Path(sys.argv[2])
run = stopped_run(out, settings, epochs=3, track="trackio")
resume(run)

from trackio import Api
from trackio.sqlite_storage import SQLiteStorage

found = {one.name: (one.config, SQLiteStorage.get_logs("histozoo", one.name)) for one in Api().runs("histozoo")}
print(json.dumps(found, default=str))
"""


def test_trackio_logs_every_epoch_of_a_resumed_run_once_and_without_a_network(
    quick: dict[str, Any], tmp_path: Path, warm_python: WarmPython
) -> None:
    """In a process of its own, because trackio chooses its folder when it is imported."""
    home, out = tmp_path / "trackio", tmp_path / "run"
    ours = {"TRACKIO_DIR": str(home), "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "error"}
    words = ["-c", PROGRAM, json.dumps({**quick, "root": str(quick["root"])}), str(out)]
    done = warm_python.run(words, folder=tmp_path, env=os.environ | ours)
    assert done.returncode == 0, done.stderr
    (found,) = [json.loads(done.stdout)]  # nothing else was printed to standard output
    run = Run.open(out)
    ((name, (config, logs)),) = found.items()
    assert name == f"run {run.record.started}"
    assert config["model"] == "resnet20"
    for key in NAMES:
        assert [(log["step"], log[key]) for log in logs] == expected(run, key)
    assert (home / "histozoo.db").is_file()
    assert not {"tensorboard", "trackio"} & {path.name for path in out.iterdir()}
