"""One visitor cannot take the server from the others."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from zoo_demo.limits import MAX_WAITING, MAX_WAITING_PER_VISITOR
from zoo_demo.protection.visitors import visitor_of
from zoo_demo.server import gradio_settings

RESULTS = 3
"""The number of the function that shows results."""
OTHER = {"X-Forwarded-For": "203.0.113.7"}
"""What a proxy on the server's machine adds to the request of another visitor."""


@pytest.fixture
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def slow_tile(client: httpx.Client) -> dict[str, Any]:
    """A tile so large that it takes a while."""
    file = BytesIO()
    Image.new("RGB", (4500, 4500), "pink").save(file, "PNG")
    (path,) = client.post("gradio_api/upload", files={"files": ("tile.png", file.getvalue())}).json()
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def test_a_visitor_with_many_waiting_requests_is_refused_politely_and_others_are_not(
    client: httpx.Client, slow_tile: dict[str, Any]
) -> None:
    joined = []

    def join(**headers: str) -> httpx.Response:
        session = secrets.token_hex(4)
        data = [slow_tile, ["drawn"], "grad-cam", None, "none"]
        body = {"data": data, "fn_index": RESULTS, "session_hash": session}
        answer = client.post("gradio_api/queue/join", json=body, headers=headers)
        if answer.status_code == 200:
            joined.append({"session_hash": session, "fn_index": RESULTS, "event_id": answer.json()["event_id"]})
        return answer

    assert [join().status_code for _ in range(MAX_WAITING_PER_VISITOR)] == [200] * MAX_WAITING_PER_VISITOR
    refused = join()
    assert refused.status_code == 429
    expected = f"You have {MAX_WAITING_PER_VISITOR} requests in the queue, the most that one visitor may have."
    assert refused.json() == {"detail": f"{expected} Try again when one of them is answered."}
    called = client.post("gradio_api/call/predict", json={"data": [slow_tile, None]})
    assert called.status_code == 429, "calls of programs count too"
    assert client.post("gradio_api/cancel", json=joined[-1]).status_code == 200
    assert join(**OTHER).status_code == 200
    assert join().status_code == 200, "there is room again"
    for event in joined:
        client.post("gradio_api/cancel", json=event)


def test_one_visitor_cannot_fill_the_queue() -> None:
    assert MAX_WAITING_PER_VISITOR <= MAX_WAITING // 4


@pytest.mark.parametrize(
    ("client", "visitor"),
    [
        (("203.0.113.7", 5), "203.0.113.7"),
        (("::ffff:203.0.113.7", 5), "203.0.113.7"),
        (("2001:db8:1:2:3:4:5:6", 5), "2001:db8:1:2::"),
        (("2001:db8:1:2:ffff::", 0), "2001:db8:1:2::"),
        (("not an address", 0), "not an address"),
        (None, ""),
    ],
)
def test_a_visitor_is_an_address_and_of_ipv6_a_network(client: tuple[str, int] | None, visitor: str) -> None:
    assert visitor_of({"client": client}) == visitor


def test_only_a_space_believes_what_other_machines_say_of_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    monkeypatch.delenv("SPACE_ID", raising=False)
    with gradio_settings():
        assert "FORWARDED_ALLOW_IPS" not in os.environ
    monkeypatch.setenv("SPACE_ID", "you/space")
    with gradio_settings():
        assert "10.0.0.0/8" in os.environ["FORWARDED_ALLOW_IPS"]
    assert "FORWARDED_ALLOW_IPS" not in os.environ
