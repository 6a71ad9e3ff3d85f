"""What strangers send to a running server: refused without its paths, and without a trace in the terminal."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from PIL import Image

JOIN = "gradio_api/queue/join"
TEMPORARY = "/tmp"
PLAIN = [None, ["drawn"], "grad-cam", None, "none"]
RESULTS = 3
"""The number of the function that shows results: three that run in the browser alone are before it."""
NESTED = '{"data": ' + "[" * 60_000 + "]" * 60_000 + "}"


@pytest.fixture(scope="module", autouse=True)
def works_in_the_end(server: Any) -> Iterator[None]:
    """Whatever was sent, the server still answers after it."""
    yield
    tile = BytesIO()
    Image.new("RGB", (64, 64), "pink").save(tile, "PNG")
    with _client(server) as client:
        (path,) = _upload(client, tile.getvalue()).json()
        assert "zoo-card" in json.dumps(_answer(client, {"path": path, "meta": {"_type": "gradio.FileData"}}))


@pytest.fixture
def client(server: Any) -> Iterator[httpx.Client]:
    """Sends requests to the server, whose terminal must stay empty."""
    server.errors.seek(0)
    before = server.errors.read()
    with _client(server) as client:
        yield client
    server.errors.seek(0)
    assert server.errors.read() == before


def _client(page: Any) -> httpx.Client:
    return httpx.Client(base_url=page.address, trust_env=False, verify=False, timeout=30)


def _upload(client: httpx.Client, content: bytes, name: str = "tile.png") -> httpx.Response:
    return client.post("gradio_api/upload", files={"files": (name, content, "image/png")})


def _tile(client: httpx.Client, tile: Image.Image) -> dict[str, Any]:
    tile.save("tile.png")
    (path,) = _upload(client, Path("tile.png").read_bytes()).json()
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def _join(client: httpx.Client, data: Any, **more: Any) -> httpx.Response:
    body = {"data": data, "fn_index": RESULTS, "session_hash": secrets.token_hex(4)}
    return client.post(JOIN, json={**body, **more})


def _answer(client: httpx.Client, tile: Any) -> dict[str, Any]:
    """Return the message that ends a request of the page, or the status with which it is refused."""
    session = secrets.token_hex(4)
    joined = _join(client, [tile, *PLAIN[1:]], session_hash=session)
    if joined.status_code != 200:
        return {"success": False, "status": joined.status_code, "text": joined.text}
    with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
        line = next(line for line in stream.iter_lines() if "process_completed" in line)
    return dict(json.loads(line.removeprefix("data: ")))


def _form(header: str) -> bytes:
    """Return a form with one part."""
    return f"--b\r\n{header}\r\n\r\nx\r\n--b--\r\n".encode()


def _raw(address: str, request: bytes) -> bytes:
    url = urlsplit(address)
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(request)
        return connection.recv(2**16)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "localhost.evil.example", "", "[::1"])
def test_a_request_for_another_host_is_refused(client: httpx.Client, host: str) -> None:
    for path in ("", "config", "gradio_api/info"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 403
        assert "--allow-host" in answer.text


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST.:{port}", "127.0.0.1:{port}", "[::1]:{port}"])
def test_a_request_for_this_machine_is_answered(client: httpx.Client, host: str) -> None:
    assert client.get("config", headers={"Host": host.format(port=client.base_url.port)}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1:1"])
def test_a_page_of_another_site_cannot_use_the_server(client: httpx.Client, origin: str) -> None:
    answer = client.post("gradio_api/upload", files={"files": b"x"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.text == "Pages of other sites may not use this server."


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/proxy=http://127.0.0.1:1/secret",
        "gradio_api/file=http://127.0.0.1:1/secret",
        "gradio_api/file=file:///etc/passwd",
        "gradio_api/file=/etc/passwd",
        "gradio_api/file=//etc/passwd",
        "gradio_api/file=/proc/self/environ",
        "gradio_api/file=registry.yaml",
        "gradio_api/file=" + quote("/tmp/../etc/passwd", safe=""),
        "gradio_api/file=" + "a" * 5000,
        "gradio_api/file=%00",
        "gradio_api/file=",
        "gradio_api/file/etc/passwd",
        "assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "static/..%2f..%2f..%2fetc/passwd",
        "static/%00",
        "svelte/%5c..%5cwin.ini",
        "gradio_api/custom_component/x/client/component/index.js",
        "gradio_api/dev/reload",
        "gradio_api/vibe-code",
        "gradio_api/runs",
        "gradio_api/stream/a/b/1/playlist-file",
        "gradio_api/deep_link",
        "gradio_api/call/compare/unknown",
        "monitoring",
        "docs",
        "login",
    ],
)
def test_other_files_hosts_and_routes_are_not_reached(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {403, 404}
    assert "root:" not in answer.text
    assert TEMPORARY not in answer.text


@pytest.mark.parametrize(
    "path", ["run/predict", "run/compare", "api/compare", "component_server", "process_recording", "vibe-edit", "login"]
)
def test_the_queue_cannot_be_passed_by(client: httpx.Client, path: str) -> None:
    assert client.post(f"gradio_api/{path}", json={"data": PLAIN, "fn_index": 0}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"3",
        b"\xff\xfe",
        NESTED.encode(),
        b'{"data": [NaN, 1, 2, 3, 4], "fn_index": 3, "session_hash": "a"}',
        b'{"data": [null, ["\\ud800"], "grad-cam", null, 0], "fn_index": 3, "session_hash": "a"}',
        b'{"data": [null, 1' + b"0" * 400 + b', "grad-cam", null, 0], "fn_index": 3, "session_hash": "a"}',
        b'{"data": [null, 1' + b"0" * 5000 + b', "grad-cam", null, 0], "fn_index": 3, "session_hash": "a"}',
        b'{"data": "' + b"x" * 2**18 + b'"}',
    ],
)
def test_crafted_json_is_refused(client: httpx.Client, body: bytes) -> None:
    for path in (JOIN, "gradio_api/call/compare", "gradio_api/cancel", "gradio_api/reset"):
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 404, 413, 422}
        assert TEMPORARY not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"fn_index": 99},
        {"fn_index": -1},
        {"fn_index": 0, "data": [None]},
        {"fn_index": "0"},
        {"fn_index": None},
        {"fn_index": True},
        {"session_hash": None},
        {"session_hash": "../../etc"},
        {"session_hash": {"a": 1}},
        {"session_hash": "a" * 100},
        {"trigger_id": 10**6},
        {"trigger_id": "a"},
        {"data": None},
        {"data": {}},
        {"data": []},
        {"data": [*PLAIN, None]},
        {"data": ["text", *PLAIN[1:]]},
        {"data": [[1], *PLAIN[1:]]},
        {"data": [{"path": {"a": 1}}, *PLAIN[1:]]},
        {"data": [{"meta": 3, "path": "a"}, *PLAIN[1:]]},
        {"data": [{"meta": {"_type": "gradio.FileData"}, "url": "http://127.0.0.1:1/x"}, *PLAIN[1:]]},
    ],
)
def test_a_call_that_the_page_would_not_make_is_refused(client: httpx.Client, changes: dict[str, Any]) -> None:
    answer = _join(client, changes.pop("data", PLAIN), **changes)
    assert answer.status_code in {400, 404, 422}
    assert TEMPORARY not in answer.text


@pytest.mark.parametrize(
    "values",
    [
        [None, "drawn", {"a": "b"}, 3, [4]],
        [None, [["drawn"]], ["grad-cam"], {"x": []}, {}],
        [{}, ["drawn"], "grad-cam", None, 1e9],
        [{"url": "http://127.0.0.1:1/x.png"}, ["drawn"], "grad-cam", None, "none"],
        [{"url": "data:image/png;base64,AAAA"}, ["drawn"], "../../etc", "<script>", "<b>"],
    ],
)
def test_values_of_other_types_get_a_polite_answer(client: httpx.Client, values: list[Any]) -> None:
    session = secrets.token_hex(4)
    assert _join(client, values, session_hash=session).status_code == 200
    with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
        line = next(line for line in stream.iter_lines() if "process_completed" in line)
    assert json.loads(line.removeprefix("data: "))["success"]
    assert TEMPORARY not in line


HUGE, CONTROL = "x" * 60_000, "\x1b[31mred\r\n\x07\u202e"
STRANGE = (
    *("/etc/passwd", "../../etc/passwd", "nobody", "<script>alert(1)</script>", HUGE, CONTROL, ""),
    *({"a": 1}, [[["a"]]], 1e300, -1, True),
)
"""What strangers put in the place of a name."""


@pytest.mark.parametrize("endpoint", ["predict", "compare"])
def test_programs_that_name_what_does_not_exist_are_refused_in_a_short_sentence(
    client: httpx.Client, tile: Image.Image, endpoint: str
) -> None:
    sent = _tile(client, tile)
    calls: list[list[Any]] = [[sent, [value]] for value in STRANGE] + [[sent, value] for value in STRANGE]
    if endpoint == "compare":
        plain: list[list[Any]] = [[*values, "grad-cam", None] for values in calls]
        plain += [[sent, None, value, None] for value in STRANGE]
        plain += [[sent, None, "grad-cam", value] for value in STRANGE]
        calls = [[*values, False] for values in plain] + [
            [sent, None, "grad-cam", None, value] for value in ("", 1, {})
        ]
    for values in calls:
        called = client.post(f"gradio_api/call/{endpoint}", json={"data": values}).json()
        answer = client.get(f"gradio_api/call/{endpoint}/{called['event_id']}").text
        event, data = answer.strip().splitlines()[-2:]
        assert event == "event: error", values
        message = json.loads(data.removeprefix("data: "))["error"]
        assert 10 < len(message) < 700
        assert message == "".join(sign for sign in message if sign.isprintable() or sign == "\n")
        assert not any(path in message for path in (TEMPORARY, "root:", "site-packages", "Traceback"))


@pytest.mark.parametrize(
    "meta", [{"meta": {"_type": "gradio.FileData"}}, {}, {"is_stream": True}, {"url": "http://x/"}]
)
def test_only_uploaded_regular_files_are_taken(client: httpx.Client, tile: Image.Image, meta: dict[str, Any]) -> None:
    stored = Path(_tile(client, tile)["path"])
    tile.save("mine.png")
    link = stored.parent.parent / f"link-{secrets.token_hex(4)}.png"
    link.symlink_to(Path("mine.png").resolve())
    folder, outside = stored.parent, Path("mine.png").resolve()
    up = f"{stored.parent}/../../{outside.name}"
    for path in (folder, folder.parent, outside, link, up, "/etc/passwd", "mine.png"):
        answer = _answer(client, {"path": str(path), **meta})
        assert answer["status"] == 400
        assert answer["text"] == '{"detail":"this is not an uploaded file"}'
    for path in ("http://127.0.0.1:1/x.png", "file:///etc/passwd", "data:image/png;base64,AA", "\0", ""):
        assert _answer(client, {"path": path, **meta})["status"] == 400
    link.unlink()


def test_a_tile_that_has_been_deleted_must_be_uploaded_again(client: httpx.Client, tile: Image.Image) -> None:
    sent = _tile(client, tile)
    Path(sent["path"]).unlink()
    answer = json.dumps(_answer(client, sent))
    assert "has been deleted" in answer
    assert TEMPORARY not in answer


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../../../tmp/evil.png", "evil.png"),
        ("..\\..\\evil.png", "evil.png"),
        ("/etc/cron.d/evil", "evil"),
        ("..", "tile"),
        (".", "tile"),
        ("<img src=x onerror=alert(1)>.png", "_img src_x onerror_alert(1)_.png"),
        ("a\tb\x1b[31m.png", "a_b__31m.png"),
        ("a" * 300 + ".png", "a" * 60 + ".png"),
        ("é染色.png", "é染色.png"),
        ("\u202egnp.exe", "_gnp.exe"),
        (".bashrc", ".bashrc"),
    ],
)
def test_a_hostile_file_name_becomes_a_plain_one(client: httpx.Client, name: str, stored: str) -> None:
    disposition = f'Content-Disposition: form-data; name="files"; filename="{name}"'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("gradio_api/upload", content=_form(disposition), headers=headers)
    assert answer.status_code == 200
    (path,) = answer.json()
    assert Path(path).name == stored
    assert Path(path).is_file()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"x"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"x"),
        ("multipart/form-data; boundary=b", _form('Content-Disposition: form-data; name="files"')),
        ("multipart/form-data; boundary=b", _form("Content-Disposition: form-data")),
        ("multipart/form-data; boundary=b; charset=nonsense", _form("X: y")),
        ("multipart/form-data; boundary=b", _form("X: " + "y" * 20_000)),
        ("multipart/form-data; boundary=" + "b" * 5000, b"x"),
    ],
)
def test_a_crafted_form_is_refused(client: httpx.Client, content_type: str, body: bytes) -> None:
    answer = client.post("gradio_api/upload?upload_id=x", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 400
    assert TEMPORARY not in answer.text


def test_an_upload_without_a_length_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert client.post("gradio_api/upload", content=iter([b"x"]), headers=headers).status_code == 411


def test_an_upload_that_breaks_off_leaves_nothing(client: httpx.Client, tile: Image.Image) -> None:
    folder = Path(_tile(client, tile)["path"]).parent.parent
    before = set(folder.rglob("*"))
    url = urlsplit(str(client.base_url))
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 5000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nxxx'
    )
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(head.encode())
    assert set(folder.rglob("*")) <= before


@pytest.mark.parametrize("session", ["unknown", "", "../x"])
def test_an_answer_that_nobody_waits_for_is_not_streamed(client: httpx.Client, session: str) -> None:
    answer = client.get("gradio_api/queue/data", params={"session_hash": session})
    assert '"session_not_found": true' in answer.text


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"GET /assets/../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"GET http://169.254.169.254/latest HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n", b"40"),
        (b"DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
    ],
)
def test_requests_that_no_browser_sends_are_refused(
    client: httpx.Client, address: str, head: bytes, status: bytes
) -> None:
    answer = _raw(address, head)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"root:" not in answer


def test_the_uploads_of_one_visitor_and_all_together_have_a_limit(
    serve: Callable[..., Any], bundles: dict[str, Path]
) -> None:
    """This server allows 2 MB, 1 MB to a visitor, and keeps uploads for two seconds."""

    def from_visitor(number: int) -> httpx.Response:
        """Upload as a proxy on the server's machine does it for a visitor."""
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        return client.post("gradio_api/upload", files={"files": ("a.png", b"0" * 600_000)}, headers=headers)

    with serve(str(bundles["fresh"]), check=1, keep=2, total=2, visitor=1) as page, _client(page) as client:
        folder = Path(from_visitor(1).json()[0]).parent.parent
        refused = from_visitor(1)
        assert refused.status_code == 507
        assert refused.text.startswith("You have uploaded 1 MB, the most that one visitor may have here.")
        assert [from_visitor(number).status_code for number in (2, 3)] == [200, 200]
        refused = from_visitor(4)
        assert refused.status_code == 507
        assert refused.text == "The server has no space for more tiles now. Try again later."
        _answer(client, {"path": str(folder), "meta": {"_type": "gradio.FileData"}})  # it stopped gradio's own deletion
        deadline = time.monotonic() + 20
        while any(folder.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert [from_visitor(number).status_code for number in (1, 4)] == [200, 200]
