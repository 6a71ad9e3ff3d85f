"""Many visitors at once: every answer is its own, refusals are polite, and memory comes back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

import zoo
from zoo_demo import browser_input
from zoo_demo.limits import MAX_PIXELS, MAX_WAITING


def _client(server: Any, visitor: int = 0) -> httpx.Client:
    """Return a client that the server takes for a visitor of its own, as behind a proxy on the server's machine."""
    headers = {"X-Forwarded-For": f"203.0.113.{visitor}"}
    return httpx.Client(base_url=server.address, headers=headers, trust_env=False, verify=False, timeout=300)


def _upload(client: httpx.Client, tile: Image.Image) -> str:
    file = BytesIO()
    tile.save(file, "PNG")
    return str(client.post("gradio_api/upload", files={"files": ("tile.png", file.getvalue())}).json()[0])


def _predicted(client: httpx.Client, path: str, models: list[str] | None = None) -> Any:
    """Return what the endpoint /predict returns, or the refusal."""
    called = client.post("gradio_api/call/predict", json={"data": [{"path": path}, models]})
    if called.status_code != 200:
        return called
    stream = client.get(f"gradio_api/call/predict/{called.json()['event_id']}").text
    event, data = stream.strip().splitlines()[-2:]  # before them there are signs of life
    assert event == "event: complete"
    return json.loads(data.removeprefix("data: "))[0]["predictions"]


def _memory(server: Any, name: str) -> int:
    """Return the memory of a server in MB: now (VmRSS), or the most since it was last reset (VmHWM)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) // 1024


def test_one_tile_is_decoded_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "tile.png")
    decoding = Lock()
    rgb = browser_input.rgb

    def watched(image: Image.Image) -> Image.Image:
        assert decoding.acquire(blocking=False), "another tile is being decoded"
        sleep(0.01)
        decoding.release()
        return rgb(image)

    monkeypatch.setattr(browser_input, "rgb", watched)
    with ThreadPoolExecutor(8) as threads:
        tiles = list(threads.map(browser_input.read_tile, [tmp_path / "tile.png"] * 16))
    assert len(tiles) == 16


@pytest.mark.slow
def test_every_one_of_many_visitors_gets_the_answer_for_their_own_tile(server: Any, bundles: dict[str, Path]) -> None:
    draw = np.random.default_rng(0)
    colors = draw.integers(0, 256, (MAX_WAITING + 18, 3))
    tiles = [Image.new("RGB", (40, 40), tuple(color.tolist())) for color in colors]
    models = [zoo.from_pretrained(bundles[name]) for name in ("drawn", "fresh")]
    expected = [[model.predict(tile).probabilities for tile in tiles] for model in models]
    assert min(np.diff(sorted(row["benign"] for row in expected[0]))) > 1e-6, "the answers must differ"

    def ask(number: int) -> list[str]:
        """Ask twice for one tile and return what was wrong, and the refusals."""
        found = []
        with _client(server, number) as client:
            path = _upload(client, tiles[number])
            for _ in range(2):
                while isinstance(answer := _predicted(client, path), httpx.Response):
                    found.append(f"{answer.status_code} {answer.text}")
                    sleep(0.2)
                for model, row in enumerate(answer):
                    if row["probabilities"] != pytest.approx(expected[model][number], abs=5e-7):
                        found.append(f"wrong answer for tile {number}")
        return found

    with ThreadPoolExecutor(len(tiles)) as threads:
        found = [text for texts in threads.map(ask, range(len(tiles))) for text in texts]
    full = f"Queue is full. Max size is {MAX_WAITING} and size is {MAX_WAITING}."
    assert {text for text in found if full not in text} == set()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the memory of another process is read on Linux")
def test_the_largest_tiles_take_a_bounded_amount_of_memory_which_comes_back(server: Any, tile: Image.Image) -> None:
    with _client(server) as client:
        _predicted(client, _upload(client, tile))
        side = int(MAX_PIXELS**0.5)
        path = _upload(client, Image.new("RGBA", (side, side)))
        before = _memory(server, "VmRSS")
        Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")

        def ask(_: int) -> Any:
            with _client(server) as another:
                return _predicted(another, path, ["fresh"])

        with ThreadPoolExecutor(6) as threads:
            assert len([row for answer in threads.map(ask, range(6)) for row in answer]) == 6
    assert _memory(server, "VmHWM") - before < 1200, "more than one tile was decoded at a time"
    assert _memory(server, "VmRSS") - before < 250, "it did not come back"
