"""ZeroGPU as a Space has it: the real package `spaces` emulates CUDA, and a double of the service lends a GPU.

There is no GPU here, so the process that would have one computes on the CPU.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from gradio_client import Client, handle_file
from PIL import Image

import zoo
from tests.demo.printed_address import printed_address
from zoo_demo.analyzer import SECONDS_PER_ANSWER, SECONDS_PER_MODEL, STARTING_SECONDS

pytest.importorskip("spaces", reason="the package `spaces` is not installed: pip install 'histozoo[test]'")

START = """
import sys
import torch

asked = []
torch.cuda.is_available = lambda: asked.append("is_available") or False
def _is_in_bad_fork():
    return bool(asked)  # with a GPU, asking has this effect
_is_in_bad_fork.__module__ = "torch.cuda"  # where another process finds it
torch.cuda._is_in_bad_fork = _is_in_bad_fork

import zoo_demo.models
load = zoo_demo.models.load_models

def loaded(*args, **options):
    from spaces.zero import torch as zero
    zero.pack = zero.size  # weights stay in memory instead of a file that is read by the GPU
    zero.init = lambda uuid: None
    def move(callback=None):
        from spaces.zero.torch.patching import cuda_aliases
        for fake, original in cuda_aliases.items():
            fake.data = original
    zero.move = move
    models = load(*args, **options)
    print("placed on", {model.classifier.mean.device.type for model in models}, flush=True)
    return models

zoo_demo.models.load_models = loaded
import runpy
runpy.run_path(sys.argv[1], run_name="__main__")
"""


class Lender(BaseHTTPRequestHandler):
    """Lends the only GPU to everyone who asks, as the service of ZeroGPU does."""

    requests: list[tuple[str, dict[str, list[str]]]]

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        self.requests.append((url.path, parse_qs(url.query)))
        lent = {"idle": len(self.requests) > 4, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}
        body = json.dumps(lent).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture(scope="module")
def lender() -> Iterator[Any]:
    Lender.requests = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Lender) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", requests=Lender.requests)
        server.shutdown()


@pytest.fixture(scope="module")
def space(bundles: dict[str, Path], lender: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running Space, started from its app.py."""
    folder = tmp_path_factory.mktemp("space")
    app = Path(zoo.__file__).resolve().parent.parent / "demo" / "app.py"
    settings = {
        "SPACES_ZERO_GPU": "true",
        "SPACES_ZERO_DEVICE_API_URL": lender.url,
        "ZEROGPU_OFFLOAD_DIR": str(folder / "tensors"),
        "ZEROGPU_PROC_SELF_CGROUP_PATH": str(folder / "cgroup"),
        "ZOO_DEMO_MODELS": ",".join(map(str, bundles.values())),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "NO_PROXY": "127.0.0.1",
    }
    (folder / "cgroup").write_text("0::/\n")
    with (folder / "errors").open("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(app)],
            env=os.environ | settings,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            printed, address = printed_address(process)
            yield SimpleNamespace(process=process, address=address, printed=printed)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            errors.seek(0)
            sys.stderr.write(errors.read())


def test_models_are_placed_on_the_gpu_at_the_start(space: Any) -> None:
    assert "placed on {'cuda'}" in space.printed


def test_a_job_runs_in_the_process_that_has_the_gpu_and_returns_the_same(
    space: Any, lender: Any, bundles: dict[str, Path], tile: Image.Image
) -> None:
    tile.save("tile.png")
    client = Client(space.address, verbose=False)
    before = len(lender.requests)
    for names in (None, ["fresh"]):
        answer = client.predict(handle_file("tile.png"), names, "grad-cam", None, api_name="/compare")
        for found in answer["predictions"]:
            expected = zoo.from_pretrained(bundles[found["model"]]).explain("tile.png")
            assert found["probabilities"] == pytest.approx(expected.prediction.probabilities, abs=1e-6)
            assert len(found["heat_map"]) == len(expected.cells)
    asked = [query for path, query in lender.requests[before:] if path == "/schedule"]
    seconds = [int(query["durationSeconds"][0]) for query in asked]
    assert seconds == [STARTING_SECONDS + 2 * SECONDS_PER_MODEL, STARTING_SECONDS + SECONDS_PER_MODEL]
    assert [path for path, _ in lender.requests if path == "/startup-report"] == ["/startup-report"]


def test_the_table_of_several_images_asks_for_the_gpu_once(space: Any, lender: Any, tile: Image.Image) -> None:
    tile.save("tile.png")
    with httpx.Client(base_url=space.address, trust_env=False, timeout=60) as client:
        files = [("files", (f"{number}.png", Path("tile.png").read_bytes())) for number in range(3)]
        sent = [{"path": path} for path in client.post("gradio_api/upload", files=files).json()]
        config = client.get("config").json()
        (table,) = (part["id"] for part in config["components"] if part["props"].get("elem_id") == "table")
        (function,) = (
            part["id"] for part in config["dependencies"] if part["outputs"] == [table] and part["backend_fn"]
        )
        before = len(lender.requests)
        body = {"data": [sent, ["drawn", "fresh"], "none"], "fn_index": function, "session_hash": "table"}
        assert client.post("gradio_api/queue/join", json=body).status_code == 200
        answer = client.get("gradio_api/queue/data", params={"session_hash": "table"}).text
    assert "3 of 3 images predicted" in answer
    asked = [query for path, query in lender.requests[before:] if path == "/schedule"]
    expected = STARTING_SECONDS + ceil(2 * (SECONDS_PER_MODEL + 2 * SECONDS_PER_ANSWER))
    assert [int(query["durationSeconds"][0]) for query in asked] == [expected]


def test_a_space_that_is_stopped_deletes_the_uploads(space: Any, tile: Image.Image) -> None:
    """The last test of this module: it stops the Space."""
    tile.save("tile.png")
    files = {"files": Path("tile.png").read_bytes()}
    (path,) = httpx.post(f"{space.address}gradio_api/upload", files=files, trust_env=False).json()
    assert Path(path).exists()
    space.process.send_signal(signal.SIGTERM)
    space.process.communicate(timeout=60)
    assert space.process.returncode == 0
    assert not Path(path).parent.parent.exists()
