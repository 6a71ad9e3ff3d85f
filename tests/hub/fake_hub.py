"""A fake Hub on a real local socket, with huggingface_hub itself as the client.

It supports what a push and a pull need: repositories with commits, large files, private and gated repositories, tokens.
`fail`, `cut` and `stall` make requests go wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from zoo.bundle.card.licenses import LICENSES

UPLOAD_WARNING = "ignore:Use 'content=:DeprecationWarning"
"""Without xet, huggingface_hub 2 uploads in a way that its HTTP library advises against."""

TOKEN = "hf_ada"
USER = "ada"
SIP = 1 << 16
"""How many bytes of an upload a slow Hub reads at a time."""
LARGE = (".safetensors", ".bin")


@dataclass(frozen=True)
class Commit:
    oid: str
    message: str
    files: dict[str, bytes]


@dataclass
class Repository:
    name: str
    private: bool = False
    gated: bool = False
    commits: list[Commit] = field(default_factory=list)
    branches: dict[str, Commit] = field(default_factory=dict)
    """Branches other than main, and pull requests, by their newest commit."""
    tags: dict[str, Commit] = field(default_factory=dict)

    @property
    def head(self) -> Commit:
        return self.commits[-1]

    def commit(self, message: str, changes: dict[str, bytes | None]) -> Commit:
        """Make a commit; None deletes a file."""
        files = {**(self.head.files if self.commits else {}), **changes}
        kept = {path: data for path, data in files.items() if data is not None}
        oid = hashlib.sha1(f"{self.name} {len(self.commits)} {message}".encode()).hexdigest()
        self.commits.append(Commit(oid, message, kept))
        return self.head

    def commit_to(self, branch: str, message: str, changes: dict[str, bytes | None]) -> Commit:
        """Make a commit in a branch other than main."""
        on_main, parent = self.commits, self.branches.get(branch, self.head)
        self.commits = [parent]
        try:
            made = self.branches[branch] = self.commit(f"{message} {branch}", changes)
        finally:
            self.commits = on_main
        return made

    def at(self, revision: str) -> Commit | None:
        if revision == "main":
            return self.head
        if revision in (named := self.branches | self.tags):
            return named[revision]
        return next((commit for commit in (*self.commits, *named.values()) if commit.oid == revision), None)


@dataclass
class Fault:
    method: str
    path: str
    times: int | None
    status: int = 0
    message: str = ""
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: int | None = None
    stall: float = 0.0
    drip: float = 0.0
    corrupt: bool = False
    done: bool = False
    act: Callable[[], None] | None = None
    sip: float = 0.0
    deaf: bool = False

    def hits(self, method: str, path: str) -> bool:
        if self.times == 0 or method != self.method or not re.search(self.path, path):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Refusal(Exception):
    def __init__(self, status: int, message: str, code: str = "") -> None:
        self.status, self.message, self.code = status, message, code


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, with the sizes in bytes of what each carries."""

    request: str
    sent: int
    status: int
    received: int


class Hub:
    """The fake Hub: `url` is its address, `requests` all requests it received."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.blobs: dict[str, bytes] = {}
        self.sent_with_xet: dict[str, bytes] = {}
        """What files of these hashes contain, since the chunks that xet sends are not decoded here."""
        self.tokens = {TOKEN: USER}
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.exchange: list[Exchange] = []
        self.url = ""
        self.closing = threading.Event()

    @contextmanager
    def running(self) -> Iterator[Hub]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def repository(self, name: str, *, private: bool = False, gated: bool = False) -> Repository:
        """Make a repository as the Hub does: with a first commit that says which files are large."""
        made = self.repositories[name] = Repository(name, private=private, gated=gated)
        made.commit("initial commit", {".gitattributes": b"*.safetensors filter=lfs\n"})
        return made

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        message: str = "",
        *,
        code: str = "",
        times: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer matching requests with an error."""
        self.faults.append(Fault(method, path, times, status, message, code, headers or {}))

    def cut(self, path: str, *, after: int, times: int | None = None, method: str = "GET", done: bool = False) -> None:
        """Close the connection in the middle of an answer; if `done`, what was asked has been done."""
        self.faults.append(Fault(method, path, times, cut=after, done=done))

    def stall(self, method: str, path: str, *, seconds: float = 60.0, done: bool = False) -> None:
        """Accept matching requests and never answer them; if `done`, what was asked is done."""
        self.faults.append(Fault(method, path, None, stall=seconds, done=done))

    def serve(self, method: str, path: str, body: bytes, kind: str) -> None:
        """Answer matching requests with status 200 and something else, as the login page of a network does."""
        self.faults.append(Fault(method, path, None, status=200, body=body, headers={"Content-Type": kind}))

    def redirect(self, method: str, path: str) -> None:
        """Redirect matching requests to themselves."""
        self.faults.append(Fault(method, path, None, status=307))

    def drip(self, method: str, path: str, *, seconds: float) -> None:
        """Send the answers to matching requests a byte at a time."""
        self.faults.append(Fault(method, path, None, drip=seconds))

    def corrupt(self, path: str, *, times: int | None = None) -> None:
        """Change the last byte of matching downloads."""
        self.faults.append(Fault("GET", path, times, corrupt=True))

    def act(self, method: str, path: str, action: Callable[[], None], *, times: int | None = 1) -> None:
        """Do something when a request arrives, before it is answered."""
        self.faults.append(Fault(method, path, times, act=action))

    def asked(self, pattern: str) -> list[str]:
        """The requests that match, as `METHOD /path`."""
        return [request for request in self.requests if re.search(pattern, request)]


_REPO = r"(?P<repo>(?:spaces/)?[\w.-]+/[\w.-]+)"
_ROUTES: list[tuple[str, str, str]] = [
    ("POST", r"/api/repos/create", "create"),
    ("POST", r"/api/validate-yaml", "validate"),
    ("GET", rf"/api/models/{_REPO}/refs", "refs"),
    ("PUT", rf"/api/models/{_REPO}/settings", "settings"),
    ("POST", rf"/api/models/{_REPO}/branch/(?P<branch>.+)", "create_branch"),
    ("POST", rf"/api/models/{_REPO}/tag/(?P<revision>.+)", "create_tag"),
    ("GET", rf"/api/models/{_REPO}(/revision/(?P<revision>.+))?", "info"),
    ("POST", rf"/api/models/{_REPO}/preupload/(?P<revision>.+)", "preupload"),
    ("POST", rf"/api/models/{_REPO}/commit/(?P<revision>.+)", "commit"),
    ("POST", rf"/{_REPO}\.git/info/lfs/objects/batch", "batch"),
    ("GET", rf"/api/models/{_REPO}/xet-write-token/(?P<revision>.+)", "xet_token"),
    ("POST", r"/cas/v\d/xorbs/.+", "xet_chunks"),
    ("POST", r"/cas/v\d/shards", "xet_files"),
    ("PUT", r"/lfs/(?P<oid>[0-9a-f]{64})", "upload"),
    ("GET", rf"/{_REPO}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
    ("HEAD", rf"/{_REPO}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
]


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        pass

    Handler.hub = hub
    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    hub: Hub
    body: bytes
    fault: Fault | None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def answer(self) -> None:
        path = unquote(urlsplit(self.path).path).replace("/api/spaces/", "/api/models/spaces/")
        self.hub.requests.append(f"{self.command} {path}")
        self.fault = next((fault for fault in self.hub.faults if fault.hits(self.command, path)), None)
        self.body = self.read_body()
        try:
            if self.fault and self.fault.act:
                self.fault.act()
            if self.fault and self.fault.stall and not self.fault.done:
                self.stall(self.fault)
                return
            if self.fault and self.fault.cut is not None and not self.fault.done and self.command != "GET":
                self.close_connection = True
                return
            if self.fault and self.fault.status in (200, 307):
                headers = self.fault.headers if self.fault.status == 200 else {"Location": self.path}
                self.send(self.fault.status, self.fault.body or b"", headers)
                return
            if self.fault and self.fault.status and not self.fault.done:
                raise Refusal(self.fault.status, self.fault.message, self.fault.code)
            for method, pattern, name in _ROUTES:
                if method == self.command and (match := re.fullmatch(pattern, path)):
                    getattr(self, name)(**match.groupdict())
                    return
            raise Refusal(404, "Not Found")
        except Refusal as refusal:
            headers = {"X-Error-Message": refusal.message, "X-Error-Code": refusal.code}
            headers |= self.fault.headers if self.fault else {}
            self.send(refusal.status, {"error": refusal.message}, {k: v for k, v in headers.items() if v})

    def stall(self, fault: Fault) -> None:
        self.hub.closing.wait(fault.stall)
        self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815

    def read_body(self) -> bytes:
        if self.fault and self.fault.deaf:
            self.hub.closing.wait(60.0)
        if self.fault and self.fault.sip:
            body, size = b"", int(self.headers["Content-Length"])
            while len(body) < size:
                body += self.rfile.read(min(SIP, size - len(body)))
                self.hub.closing.wait(self.fault.sip)
            return body
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def send(self, status: int, body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fault = self.fault or Fault("", "", 0)
        if fault.stall:
            self.stall(fault)
            return
        if fault.status and fault.done:
            status, data = fault.status, b""
        if fault.corrupt:
            data = data[:-1] + bytes([data[-1] ^ 1])
        received = 0 if self.command == "HEAD" else len(data)
        self.hub.exchange.append(Exchange(self.hub.requests[-1], len(self.body), status, received))
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault.drip:
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.hub.closing.wait(fault.drip):
                    break
            return
        self.wfile.write(data[: fault.cut])
        if fault.cut is not None:
            self.close_connection = True

    def user(self) -> str | None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if token not in self.hub.tokens:
            raise Refusal(401, "Invalid credentials in Authorization header")
        return self.hub.tokens[token]

    def visible(self, repo: str) -> Repository:
        user, found = self.user(), self.hub.repositories.get(repo)
        if found is None or (found.private and user != _owner(repo)):
            raise Refusal(404 if user else 401, "Repository not found", "RepoNotFound")
        return found

    def writable(self, repo: str) -> Repository:
        found, user = self.visible(repo), self.user()
        if user != _owner(repo):
            raise Refusal(403, "You don't have the right to write to this repository")
        return found

    def revision(self, repo: Repository, name: str | None) -> Commit:
        commit = repo.at(name or "main")
        if commit is None:
            raise Refusal(404, "Invalid rev id", "RevisionNotFound")
        return commit

    def create(self) -> None:
        asked, user = json.loads(self.body), self.user()
        kind = "spaces/" if asked.get("type") == "space" else ""
        name = f"{kind}{asked.get('organization') or user}/{asked['name']}"
        if user is None:
            raise Refusal(401, "Invalid username or password.")
        if _owner(name) != user:
            raise Refusal(403, f"You don't have the rights to create a model under this namespace ({name})")
        if name in self.hub.repositories:
            self.send(409, {"error": "You already created this model repo", "url": f"{self.hub.url}/{name}"})
            return
        self.hub.repository(name, private=asked.get("visibility") == "private" or asked.get("private") is True)
        self.send(200, {"url": f"{self.hub.url}/{name}", "name": name})

    def validate(self) -> None:
        """Check the metadata of a card as the Hub does: https://huggingface.co/docs/hub/model-cards."""
        text = json.loads(self.body)["content"]
        front = re.match(r"\s*---\n(.*?)\n---", text, re.DOTALL)
        errors = metadata_errors(yaml.safe_load(front[1]) if front else {})
        self.send(400 if errors else 200, {"warnings": [], "errors": [{"message": error} for error in errors]})

    def info(self, repo: str, revision: str | None) -> None:
        found = self.visible(repo)
        commit = self.revision(found, revision)
        siblings = [_sibling(path, data) for path, data in commit.files.items()]
        self.send(
            200, {"id": repo, "sha": commit.oid, "private": found.private, "siblings": siblings, "gated": found.gated}
        )

    def refs(self, repo: str) -> None:
        found = self.visible(repo)
        branches = [_ref("heads", name, commit) for name, commit in {"main": found.head, **found.branches}.items()]
        tags = [_ref("tags", name, commit) for name, commit in found.tags.items()]
        self.send(200, {"branches": branches, "tags": tags, "converts": []})

    def settings(self, repo: str) -> None:
        self.writable(repo).private = json.loads(self.body)["visibility"] == "private"
        self.send(200, {})

    def create_branch(self, repo: str, branch: str) -> None:
        found = self.writable(repo)
        if branch in found.branches:
            raise Refusal(409, "Reference already exists")
        found.branches[branch] = self.revision(found, json.loads(self.body).get("startingPoint"))
        self.send(200, {})

    def create_tag(self, repo: str, revision: str) -> None:
        found, name = self.writable(repo), json.loads(self.body)["tag"]
        if name in found.tags:
            raise Refusal(409, "Tag reference exists already")
        found.tags[name] = self.revision(found, revision)
        self.send(200, {})

    def preupload(self, repo: str, revision: str) -> None:
        found = self.visible(repo) if "create_pr=1" in self.path else self.writable(repo)
        there = self.revision(found, revision).files
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular",
                "shouldIgnore": False,
                "oid": _oid(file["path"], there[file["path"]]) if file["path"] in there else None,
            }
            for file in json.loads(self.body)["files"]
        ]
        self.send(200, {"files": files})

    def batch(self, repo: str) -> None:
        self.visible(repo)  # whoever opens a pull request may upload too
        objects = [
            {
                **wanted,
                **(
                    {}
                    if wanted["oid"] in self.hub.blobs
                    else {"actions": {"upload": {"href": f"{self.hub.url}/lfs/{wanted['oid']}"}}}
                ),
            }
            for wanted in json.loads(self.body)["objects"]
        ]
        self.send(200, {"transfer": "basic", "objects": objects})

    def upload(self, oid: str) -> None:
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise Refusal(400, "the content does not have this sha256")
        self.hub.blobs[oid] = self.body
        self.send(200, b"")

    def xet_token(self, repo: str, revision: str) -> None:
        self.writable(repo)
        self.send(200, {"casUrl": f"{self.hub.url}/cas", "exp": int(time.time()) + 3600, "accessToken": "xet"})

    def xet_chunks(self) -> None:
        self.send(200, {"was_inserted": True})

    def xet_files(self) -> None:
        self.hub.blobs |= self.hub.sent_with_xet
        self.send(200, b'{"type": "result", "result": 1}\n')

    def commit(self, repo: str, revision: str) -> None:
        asks = "create_pr=1" in self.path
        found = self.visible(repo) if asks else self.writable(repo)
        head, *lines = [json.loads(line) for line in self.body.splitlines()]
        parent = head["value"].get("parentCommit")
        if parent not in (None, self.revision(found, revision).oid):
            raise Refusal(412, "A commit has happened since. Please refresh and try again.")
        branch = f"refs/pr/{len(found.branches) + 1}" if asks else revision
        changes = head["value"]["summary"], dict(self.changed(line) for line in lines)
        made = found.commit(*changes) if branch == "main" else found.commit_to(branch, *changes)
        answer = {"success": True, "commitOid": made.oid, "commitUrl": f"{self.hub.url}/{repo}/commit/{made.oid}"}
        if asks:
            answer["pullRequestUrl"] = f"{self.hub.url}/{repo}/discussions/{branch.rpartition('/')[2]}"
        self.send(200, answer)

    def changed(self, line: dict[str, Any]) -> tuple[str, bytes | None]:
        value = line["value"]
        kinds: dict[str, Callable[[], bytes | None]] = {
            "file": lambda: base64.b64decode(value["content"]),
            "lfsFile": lambda: self.hub.blobs[value["oid"]],
            "deletedFile": lambda: None,
        }
        return value["path"], kinds[line["key"]]()

    def resolve(self, repo: str, revision: str, path: str) -> None:
        found = self.visible(repo)
        if found.gated and self.user() != _owner(repo):
            raise Refusal(403, "Access to this model is restricted", "GatedRepo")
        commit = self.revision(found, revision)
        if path not in commit.files:
            raise Refusal(404, "Entry not found", "EntryNotFound")
        data = commit.files[path]
        headers = {"X-Repo-Commit": commit.oid, "ETag": f'"{_oid(path, data)}"', "Accept-Ranges": "bytes"}
        if path.endswith(LARGE):
            headers |= {"X-Linked-Etag": headers["ETag"], "X-Linked-Size": str(len(data))}
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if start is None:
            self.send(200, data, headers)
        else:
            first = int(start[1])
            span = {"Content-Range": f"bytes {first}-{len(data) - 1}/{len(data)}"}
            self.send(206, data[first:], headers | span)


def _owner(repo: str) -> str:
    """Return the user of `user/model` or `spaces/user/space`."""
    return repo.split("/")[-2]


def _sibling(path: str, data: bytes) -> dict[str, Any]:
    """Return what the Hub says about a file when it is asked for its hashes."""
    oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    large = {"lfs": {"sha256": _oid(path, data), "size": len(data), "pointerSize": 130}}
    return {"rfilename": path, "size": len(data), "blobId": oid, **(large if path.endswith(LARGE) else {})}


def metadata_errors(metadata: dict[str, Any]) -> list[str]:
    """Return what the Hub refuses in the metadata of a card."""
    errors = []
    if metadata.get("license", "mit") not in LICENSES:
        errors.append(f'"license" must be one of [{", ".join(LICENSES)}]')
    tags = metadata.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        errors.append('"tags" must be a list of strings')
    for model in metadata.get("model-index", []):
        for result in model["results"]:
            if not {"task", "dataset", "metrics"} <= set(result) or not {"name", "type"} <= set(result["dataset"]):
                errors.append('"model-index" has a result without task, dataset or metrics')
            if any("type" not in metric or "value" not in metric for metric in result["metrics"]):
                errors.append('"model-index" has a metric without type or value')
    if "base_model" in metadata and not re.fullmatch(r"[\w.-]+/[\w.-]+", str(metadata["base_model"])):
        errors.append('"base_model" must be the id of a model')
    return errors


def _ref(kind: str, name: str, commit: Commit) -> dict[str, str]:
    return {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": commit.oid}


def _oid(path: str, data: bytes) -> str:
    """Return the id that git gives a file, or large file storage a large one."""
    if path.endswith(LARGE):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def environment(url: str, home: Path) -> dict[str, str]:
    """Return the environment that makes a new process use the fake Hub, logged in as ada."""
    return {
        "HF_ENDPOINT": url,
        "HF_HOME": str(home),
        "HF_HUB_CACHE": str(home / "hub"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1",
    }


def point_client(monkeypatch: pytest.MonkeyPatch, url: str, home: Path) -> None:
    """Point the client of this process at another address; it has already read its environment."""
    from huggingface_hub import close_session, constants
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    for name, value in environment(url, home).items():
        monkeypatch.setenv(name, value)
    for name in ("HF_HUB_OFFLINE", "HF_OIDC_RESOURCE", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 2)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 2)
    # the client waits between its attempts
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    disable_progress_bars()
    close_session()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A fake Hub with huggingface_hub pointed at it, logged in as ada and with an empty cache."""
    from huggingface_hub import close_session
    from huggingface_hub.utils import enable_progress_bars  # type: ignore[attr-defined]

    with Hub().running() as double:
        point_client(monkeypatch, double.url, tmp_path / "hf-home")
        yield double
        close_session()
        enable_progress_bars()
