from __future__ import annotations

import json
import os
import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from tests.data.download.conftest import HASTY, Fetch, Listener, assert_whole, names
from tests.data.download.server import Act, FileServer
from tests.data.download.tiny import archive, file
from zoo.data.download.partial_file import Partial
from zoo.data.download.resumable import download
from zoo.errors import DataError

HALF = 40_000
HTML = b"<!DOCTYPE html>\n<html><body>Please log in</body></html>" * 20


@pytest.mark.parametrize("act", [Act(cut=HALF), Act(stall=HALF)], ids=["cut", "stalls"])
def test_a_broken_connection_is_gone_on_with(
    act: Act, fetch_tiny: Fetch, server: FileServer, listener: Listener
) -> None:
    server.acts = [act]
    assert_whole(fetch_tiny())
    assert server.ranges == [None, f"bytes={HALF}-"]
    assert server.heard[1]["if-range"] == server.tags()["ETag"]
    assert "trying again in" in listener.said
    assert "going on after the 0.040 MB that are here already" in listener.said


def test_many_breaks_that_each_bring_something_are_borne(fetch_tiny: Fetch, server: FileServer) -> None:
    server.acts = [Act(cut=10_000)] * 7
    assert_whole(fetch_tiny())
    assert server.ranges == [None, *(f"bytes={count}0000-" for count in range(1, 8))]


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_an_error_of_the_server_that_passes(
    status: int, fetch_tiny: Fetch, server: FileServer, listener: Listener
) -> None:
    server.acts = [Act(status=status, body=b"sorry")] * 2
    assert_whole(fetch_tiny())
    assert listener.said.count(f"the server says {status}") == 2


def test_a_server_that_asks_to_wait_is_heard(fetch_tiny: Fetch, server: FileServer, listener: Listener) -> None:
    server.acts = [Act(status=503, body=b"", headers=(("Retry-After", "1"),))]
    assert_whole(fetch_tiny())
    assert "503 Service Unavailable; trying again in 1 s" in listener.said


def test_an_error_of_the_server_that_stays(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.always = Act(status=500, body=b"sorry")
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert len(server.heard) == HASTY.tries
    assert "given up after 3 tries" in str(caught.value)
    assert "500 Internal Server Error" in str(caught.value)
    assert "nothing has been written" in str(caught.value)
    assert "--url or ZOO_DATA_URL" in str(caught.value)
    assert names(tmp_path) == set()


def test_what_came_before_giving_up_is_kept_and_used(
    fetch_tiny: Fetch, server: FileServer, partial: Path, tmp_path: Path
) -> None:
    server.acts, server.always = [Act(cut=HALF)], Act(stall=0)
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert "nothing came from the server for too long" in str(caught.value)
    assert f"What has come so far is kept in {partial}" in str(caught.value)
    assert "run the same command again" in str(caught.value)
    assert partial.read_bytes() == server.data[:HALF]
    assert names(tmp_path) == {partial.name, f"{partial.name}.json"}

    server.always = Act()
    assert_whole(fetch_tiny())
    assert server.ranges[-1] == f"bytes={HALF}-"


def test_a_server_that_always_cuts_at_one_place_is_given_up(fetch_tiny: Fetch, server: FileServer) -> None:
    server.always = Act(cut=HALF, ranges=False)
    with pytest.raises(DataError, match=r"cut off at 0\.040 MB"):
        fetch_tiny()
    assert len(server.heard) == 1 + HASTY.tries


@pytest.mark.parametrize("act", [Act(mute=True), Act(cut=0), Act(cut=1)], ids=["mute", "no body", "one byte"])
def test_an_answer_that_breaks_off_early(act: Act, fetch_tiny: Fetch, server: FileServer) -> None:
    server.acts = [act]
    assert_whole(fetch_tiny())
    assert server.ranges == [None, None]


def test_a_server_without_ranges_is_asked_for_all_again(
    fetch_tiny: Fetch, server: FileServer, listener: Listener
) -> None:
    server.acts = [Act(cut=HALF), Act(ranges=False)]
    assert_whole(fetch_tiny())
    assert "beginning anew" in listener.said


@pytest.mark.parametrize("validators", [("ETag",), ("Last-Modified",), ("ETag", "Last-Modified"), ()])
@pytest.mark.parametrize("careless", [False, True])
def test_a_file_that_changes_between_two_tries_is_begun_anew(
    validators: tuple[str, ...], careless: bool, fetch_tiny: Fetch, server: FileServer, partial: Path
) -> None:
    new, server.data = server.data, archive(file("BreaKHis_v1/readme", b"older" * 900))
    server.validators = validators
    server.acts, server.always = [Act(cut=HALF)], Act(status=500, body=b"")
    with pytest.raises(DataError):
        fetch_tiny()
    assert partial.stat().st_size == HALF
    server.data, server.always, server.modified = new, Act(careless=careless), "Tue, 21 Jul 2015 10:00:00 GMT"
    assert_whole(fetch_tiny())


def test_a_file_that_becomes_shorter_than_what_is_here_is_begun_anew(
    fetch_tiny: Fetch, server: FileServer, partial: Path
) -> None:
    new, server.data = server.data, archive(file("BreaKHis_v1/readme", os.urandom(90_000)))
    server.acts, server.always = [Act(cut=len(new))], Act(status=500, body=b"")
    with pytest.raises(DataError):
        fetch_tiny()
    server.data, server.always = new, Act(careless=True)
    assert_whole(fetch_tiny())
    assert server.ranges[-2:] == [f"bytes={len(new)}-", None]


def test_a_weak_tag_is_not_trusted_for_a_range(fetch_tiny: Fetch, server: FileServer) -> None:
    server.weak = True
    server.acts = [Act(cut=HALF)]
    assert_whole(fetch_tiny())
    assert server.heard[1]["if-range"] == server.modified


def test_bytes_from_another_address_are_not_gone_on_with(fetch_tiny: Fetch, server: FileServer, partial: Path) -> None:
    server.acts, server.always = [Act(cut=HALF)], Act(status=500, body=b"")
    with pytest.raises(DataError):
        fetch_tiny()
    server.always = Act()
    assert_whole(fetch_tiny(address=server.url.replace("/vri/", "/mirror/")))
    assert server.ranges[-1] is None


@pytest.mark.parametrize("note", ["", "{", "[]", '{"url": 1}', None])
def test_bytes_of_unknown_origin_are_not_gone_on_with(
    note: str | None, fetch_tiny: Fetch, server: FileServer, partial: Path
) -> None:
    partial.write_bytes(b"\x1f\x8b something")
    if note is not None:
        partial.with_name(f"{partial.name}.json").write_text(note)
    assert_whole(fetch_tiny())
    assert server.ranges == [None]


def test_a_whole_download_that_was_not_unpacked_is_not_asked_for_again(
    fetch_tiny: Fetch, server: FileServer, listener: Listener, tmp_path: Path
) -> None:
    download(server.url, Partial(tmp_path / "BreaKHis_v1.tar.gz"), label="", patience=HASTY, progress=listener)
    assert_whole(fetch_tiny())
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (Act(body=HTML, kind="text/html"), "it is text/html and begins with '<!DOCTYPE html>'"),
        (Act(body=b"PK\x03\x04zip"), "begins with 'PK"),
        (Act(body=b""), "it is empty"),
    ],
    ids=["html", "zip", "empty"],
)
def test_another_file_is_refused(act: Act, said: str, fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.always = act
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert "not a .tar.gz archive" in str(caught.value)
    assert said in str(caught.value)
    assert len(server.heard) == 1
    assert names(tmp_path) == set()


def test_a_login_page_in_between_does_not_cost_what_is_here(
    fetch_tiny: Fetch, server: FileServer, partial: Path
) -> None:
    server.acts = [Act(cut=HALF), Act(body=HTML, kind="text/html")]
    with pytest.raises(DataError, match=r"not a \.tar\.gz archive"):
        fetch_tiny()
    assert partial.stat().st_size == HALF
    assert_whole(fetch_tiny())
    assert server.ranges[-1] == f"bytes={HALF}-"


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_told_at_once(status: int, fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.always = Act(status=status, body=b"no")
    with pytest.raises(DataError, match=f"the server says {status}") as caught:
        fetch_tiny()
    assert "--url or ZOO_DATA_URL" in str(caught.value)
    assert len(server.heard) == 1
    assert names(tmp_path) == set()


def test_nobody_there(fetch_tiny: Fetch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets this port
        with pytest.raises(DataError, match="the connection failed"):
            fetch_tiny(address=f"http://127.0.0.1:{taken.getsockname()[1]}/x.tar.gz")


@pytest.mark.parametrize("act", [Act(length=False), Act(chunked=True)], ids=["until it closes", "chunked"])
def test_a_server_that_states_no_length(act: Act, fetch_tiny: Fetch, server: FileServer) -> None:
    server.always = act
    assert_whole(fetch_tiny())


def test_a_cut_without_a_length_is_noticed_when_unpacked(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.always = Act(length=False, cut=HALF)
    with pytest.raises(DataError, match="it is damaged"):
        fetch_tiny()
    assert names(tmp_path) == set()


def test_a_cut_between_chunks_is_gone_on_with(fetch_tiny: Fetch, server: FileServer) -> None:
    server.acts = [Act(chunked=True, cut=HALF)]
    assert_whole(fetch_tiny())
    assert len(server.heard) == 2


def test_megabytes_are_counted_from_where_the_download_goes_on(
    server: FileServer, listener: Listener, tmp_path: Path
) -> None:
    server.data = b"\x1f\x8b" + bytes(3_500_000)
    server.acts = [Act(cut=2_000_000)]
    download(server.url, Partial(tmp_path / "x"), label="down", patience=HASTY, progress=listener)
    assert listener.tracked == [("down (MB)", 2, 4), ("down (MB)", 2, 2)]
    assert (tmp_path / "x.part").read_bytes() == server.data


def test_a_disk_without_room_is_told_before_anything_is_written(
    fetch_tiny: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 0, 100))
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert "no room: 0.000 MB are free" in str(caught.value)
    assert "--into" in str(caught.value)
    assert names(tmp_path) == set()


def test_a_disk_that_fills_up_while_downloading(
    fetch_tiny: Fetch, server: FileServer, tmp_path: Path, partial: Path
) -> None:
    resource = pytest.importorskip("resource", reason="needs limits on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, hard))  # the system refuses a longer file
    try:
        with pytest.raises(DataError) as caught:
            fetch_tiny()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "no room" in str(caught.value)
    assert f"What has come so far is kept in {partial}" in str(caught.value)
    assert json.loads(partial.with_name(f"{partial.name}.json").read_text())["length"] == len(server.data)
    assert_whole(fetch_tiny())
    assert server.ranges == [None, f"bytes={HALF}-"]
