"""Many visitors of the demo at once: whether each gets the answer for its own tile, who is refused, and the memory.

python benchmarks/demo_load.py [--clients 50] [--seconds 60]

Starts `zoo demo` with two untrained networks. Each client has a tile and an address of its own, as behind a proxy on
the same machine, and asks again as soon as it has an answer; one that is refused waits a quarter of a second. First all
ask as the page does, then the endpoint `/predict`, then `/compare`. Every answer is compared with that of the same
classifier in this process. Linux only, since the memory of the server is read from /proc.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import sys
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np
import torch
from demo_server import served
from PIL import Image

import zoo

TOLERANCE = 5e-7
PAUSE = 0.25
DOCUMENT = re.compile(r"data:application/json;base64,([\w+/=]+)")


@dataclass
class Found:
    """What one client got."""

    seconds: list[float] = field(default_factory=list)
    wrong: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


class RefusedError(Exception):
    """The server refused a request."""


class Visitor:
    """Asks about one tile.

    Args:
        address: The address of the page.
        number: The number of the visitor.
        tile: The tile.
    """

    def __init__(self, address: str, number: int, tile: Image.Image) -> None:
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        self._client = httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=120)
        file = BytesIO()
        tile.save(file, "PNG")
        (path,) = self._client.post("gradio_api/upload", files={"files": ("tile.png", file.getvalue())}).json()
        self._tile = {"path": path, "meta": {"_type": "gradio.FileData"}}

    def ask_as_the_page(self, function: int, models: list[str]) -> list[dict[str, float]]:
        """Return the probabilities of each model in what the page shows."""
        session = secrets.token_hex(8)
        data = [self._tile, models, "grad-cam", None, "none"]
        self._post("queue/join", {"data": data, "fn_index": function, "session_hash": session})
        stream = self._client.get("gradio_api/queue/data", params={"session_hash": session}).text
        shown = next(line for line in stream.splitlines() if "process_completed" in line)
        (document,) = DOCUMENT.findall(shown)
        return [model["probabilities"] for model in json.loads(b64decode(document))["models"]]

    def ask_endpoint(self, name: str, *values: Any) -> list[dict[str, float]]:
        """Return the probabilities of each model that an endpoint returns."""
        event = self._post(f"call/{name}", {"data": [self._tile, *values]})["event_id"]
        data = self._client.get(f"gradio_api/call/{name}/{event}").text.strip().splitlines()[-1]
        return [one["probabilities"] for one in json.loads(data.removeprefix("data: "))[0]["predictions"]]

    def _post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.post(f"gradio_api/{route}", json=body)
        if answer.status_code != 200:
            raise RefusedError(f"{answer.status_code} {re.sub('size is .*', '…', answer.json()['detail'])}")
        return dict(answer.json())


def memory(process: int) -> int:
    """Return the memory of a process in MB."""
    return int(Path(f"/proc/{process}/status").read_text().partition("VmRSS:")[2].split()[0]) // 1024


def keep_asking(
    ask: Callable[[Visitor], list[dict[str, float]]], visitor: Visitor, expected: list[dict[str, float]], until: float
) -> Found:
    """Ask until a point in time, and return what came of it."""
    found = Found()
    while (began := time.perf_counter()) < until:
        try:
            answer = ask(visitor)
        except RefusedError as error:
            found.refusals[str(error)] += 1
            time.sleep(PAUSE)
            continue
        except (httpx.HTTPError, StopIteration, ValueError, KeyError) as error:
            found.errors[f"{type(error).__name__} {error}"] += 1
            continue
        found.seconds.append(time.perf_counter() - began)
        same = [
            np.allclose(list(one.values()), list(other.values()), atol=TOLERANCE, rtol=0)
            for one, other in zip(answer, expected, strict=True)
        ]
        found.wrong += not all(same)
    return found


def function_of_results(address: str) -> int:
    """Return the number of the function that the page calls for a tile."""
    config = httpx.get(f"{address}config", trust_env=False).json()
    (results,) = (part["id"] for part in config["components"] if part["props"].get("elem_id") == "results")
    called = [part for part in config["dependencies"] if part["outputs"] == [results] and part["backend_fn"]]
    return int(called[0]["id"])


def main() -> None:
    """Run the clients and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    torch.manual_seed(0)
    names = ["first", "second"]
    colors = np.random.default_rng(0).integers(0, 256, (given.clients, 3))
    tiles = [Image.new("RGB", (40, 40), tuple(color.tolist())) for color in colors]
    models = [zoo.create_model("resnet20", classes=("benign", "malignant")) for _ in names]
    expected = [[dict(model.predict(tile).probabilities) for model in models] for tile in tiles]
    gap = np.diff(sorted(row[0]["benign"] for row in expected)).min()
    assert gap > 2 * TOLERANCE, "two tiles have the same answer"
    with TemporaryDirectory() as folder:
        saved = [str(model.save(Path(folder) / name)) for model, name in zip(models, names, strict=True)]
        with served(saved) as (address, process):
            visitors = [Visitor(address, number, tile) for number, tile in enumerate(tiles)]
            number = function_of_results(address)
            ways: dict[str, Callable[[Visitor], list[dict[str, float]]]] = {
                "the page": lambda one: one.ask_as_the_page(number, names),
                "`/predict`": lambda one: one.ask_endpoint("predict", None),
                "`/compare`": lambda one: one.ask_endpoint("compare", None, "grad-cam", None, False),
            }
            for ask in ways.values():
                ask(visitors[0])
            print(f"{given.clients} clients, {given.seconds:g} s each way, {len(names)} models\n")
            print(
                "| asked | answers | wrong | errors | refused | seconds to an answer: median, most | MB before, after |"
            )
            print("|---|---|---|---|---|---|---|")
            refusals: Counter[str] = Counter()
            for way, ask in ways.items():
                before, until = memory(process), time.perf_counter() + given.seconds
                with ThreadPoolExecutor(given.clients) as threads:
                    work = partial(keep_asking, ask, until=until)
                    found = list(threads.map(work, visitors, expected))
                seconds = [value for one in found for value in one.seconds]
                wrong, errors = sum(one.wrong for one in found), sum((one.errors for one in found), Counter())
                refused = sum((one.refusals for one in found), Counter())
                refusals += refused
                time.sleep(2)
                print(
                    f"| {way} | {len(seconds):,} | {wrong} | {errors.total()} | {refused.total():,} | "
                    f"{median(seconds):.1f}, {max(seconds):.1f} | {before}, {memory(process)} |",
                    flush=True,
                )
                for text, count in errors.items():
                    print(f"error, {count} times: {text}", file=sys.stderr)
            print("\nrefusals: " + "; ".join(f"{text} ({count:,})" for text, count in refusals.items()))


if __name__ == "__main__":
    main()
