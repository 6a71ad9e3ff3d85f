"""What a download survives, what it refuses, and what is kept of it."""

from __future__ import annotations

import os
import shutil
import socket
from collections import namedtuple

import pytest

from tests.download.conftest import HASTY, Trial, assert_whole, files_limited_to
from tests.download.server import Act
from tests.download.tiny import archive, file
from zoo.errors import DataError

HALF = 40_000
REST = f"bytes={HALF}-"
DOWN = Act(status=500, body=b"sorry")
HTML = Act(body=b"<!DOCTYPE html>\n<html><body>Please log in</body></html>" * 20, kind="text/html")

FAULTS = {
    "cut": ([Act(cut=HALF)], [None, REST]),
    "stalled": ([Act(stall=HALF)], [None, REST]),
    "cut-between-chunks": ([Act(chunked=True, cut=HALF)], [None, REST]),
    "cut-seven-times": ([Act(cut=10_000)] * 7, [None, *(f"bytes={count}0000-" for count in range(1, 8))]),
    "cut-after-no-byte": ([Act(cut=0)], [None, None]),
    "cut-after-one-byte": ([Act(cut=1)], [None, None]),
    "closed-without-response": ([Act(mute=True)], [None, None]),
    "no-length": ([Act(length=False)], [None]),
    "chunked": ([Act(chunked=True)], [None]),
    **{f"{code}-twice": ([Act(status=code, body=b"sorry")] * 2, [None] * 3) for code in (500, 502, 503, 429)},
}


@pytest.mark.parametrize(("acts", "ranges"), FAULTS.values(), ids=FAULTS)
def test_download_survives_a_faulty_server(acts: list[Act], ranges: list[str | None], trial: Trial) -> None:
    trial.server.acts = list(acts)
    assert_whole(trial.fetch())
    assert trial.server.ranges == ranges
    assert trial.listener.said.count("trying again in") == len(ranges) - 1
    assert trial.listener.said.count("resuming after ") == len(ranges) - ranges.count(None)


def test_download_starts_again_from_a_server_that_ignores_ranges(trial: Trial) -> None:
    trial.server.acts = [Act(cut=HALF), Act(ranges=False)]
    assert_whole(trial.fetch())
    assert trial.server.ranges == [None, REST]
    assert (
        "starting again: the file has changed or the server cannot resume; 40 kB are discarded" in trial.listener.said
    )


def test_retry_after_is_obeyed(trial: Trial) -> None:
    trial.server.acts = [Act(status=503, body=b"", headers=(("Retry-After", "1"),))]
    assert_whole(trial.fetch())
    assert "503 Service Unavailable; trying again in 1 s" in trial.listener.said


@pytest.mark.parametrize("weak", [False, True])
def test_resume_sends_if_range_with_the_etag_or_instead_of_a_weak_one_with_the_date(weak: bool, trial: Trial) -> None:
    trial.server.weak, trial.server.acts = weak, [Act(cut=HALF)]
    assert_whole(trial.fetch())
    assert trial.server.requests[1]["if-range"] == trial.server.tags()["Last-Modified" if weak else "ETag"]


def test_progress_counts_megabytes_from_where_the_download_resumes(trial: Trial) -> None:
    trial.server.data = archive(file("BreaKHis_v1/large", os.urandom(3_500_000)))
    trial.server.acts = [Act(cut=2_000_000)]
    trial.fetch()
    label = "downloading BreaKHis_v1.tar.gz (MB)"
    assert trial.listener.tracked[:2] == [(label, 2, 4), (label, 2, 2)]


def test_download_fails_after_several_tries_without_progress(trial: Trial) -> None:
    trial.server.always = DOWN
    with pytest.raises(
        DataError, match=r"failed 3 times in a row without progress; .* 500 Internal Server Error"
    ) as caught:
        trial.fetch()
    assert "Nothing was downloaded.\n  Another address can be given with --url or ZOO_DATA_URL" in str(caught.value)
    assert len(trial.server.requests) == HASTY.tries
    assert trial.names == set()


def test_starting_again_and_again_counts_as_no_progress(trial: Trial) -> None:
    trial.server.always = Act(cut=HALF, ranges=False)
    with pytest.raises(DataError, match=r"closed at 40 kB"):
        trial.fetch()
    assert len(trial.server.requests) == 1 + HASTY.tries


def test_bytes_of_a_failed_download_are_kept_and_resumed(trial: Trial) -> None:
    trial.server.acts, trial.server.always = [Act(cut=HALF)], Act(stall=0)
    with pytest.raises(DataError, match="timed out") as caught:
        trial.fetch()
    assert "is kept: run the same command again to resume" in str(caught.value)
    assert trial.partial.read_bytes() == trial.server.data[:HALF]
    assert trial.names == {trial.partial.name, f"{trial.partial.name}.json"}
    trial.server.always = Act()
    assert_whole(trial.fetch())
    assert trial.server.ranges[-1] == REST


@pytest.mark.parametrize("careless", [False, True], ids=["if-range-obeyed", "if-range-ignored"])
@pytest.mark.parametrize("validators", [("ETag",), ("Last-Modified",), ("ETag", "Last-Modified"), ()])
@pytest.mark.parametrize(
    ("older", "cut"), [(b"older" * 900, HALF), (os.urandom(90_000), len(archive()))], ids=["cut-at-half", "shorter-now"]
)
def test_file_that_changes_on_the_server_is_downloaded_from_the_start(
    older: bytes, cut: int, validators: tuple[str, ...], careless: bool, trial: Trial
) -> None:
    new, trial.server.data = trial.server.data, archive(file("BreaKHis_v1/readme", older))
    trial.server.validators = validators
    trial.server.acts, trial.server.always = [Act(cut=cut)], DOWN
    with pytest.raises(DataError):
        trial.fetch()
    assert trial.partial.stat().st_size == cut
    trial.server.data, trial.server.always, trial.server.modified = (
        new,
        Act(careless=careless),
        "Tue, 21 Jul 2015 10:00:00 GMT",
    )
    assert_whole(trial.fetch())


def test_bytes_from_another_address_are_not_resumed(trial: Trial) -> None:
    trial.server.acts, trial.server.always = [Act(cut=HALF)], DOWN
    with pytest.raises(DataError):
        trial.fetch()
    trial.server.always = Act()
    assert_whole(trial.fetch(url=trial.server.url.replace("/vri/", "/mirror/")))
    assert trial.server.ranges[-1] is None


@pytest.mark.parametrize("note", ["", "{", "[]", '{"url": 1}', None])
def test_bytes_of_unknown_origin_are_not_resumed(note: str | None, trial: Trial) -> None:
    trial.partial.write_bytes(b"\x1f\x8b something")
    if note is not None:
        trial.partial.with_name(f"{trial.partial.name}.json").write_text(note)
    assert_whole(trial.fetch())
    assert trial.server.ranges == [None]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (HTML, "something other than a .tar.gz archive: it has the type text/html and begins with '<!DOCTYPE html>'"),
        (Act(body=b"PK\x03\x04zip"), "begins with 'PK"),
        (Act(body=b""), "it is empty"),
        *((Act(status=code, body=b"no"), f"the server responded {code}") for code in (401, 403, 404, 410)),
    ],
    ids=["html", "zip", "empty", "401", "403", "404", "410"],
)
def test_response_that_is_no_archive_is_refused_at_once(act: Act, message: str, trial: Trial) -> None:
    trial.server.always = act
    with pytest.raises(DataError, match=message) as caught:
        trial.fetch()
    assert "--url or ZOO_DATA_URL" in str(caught.value)
    assert len(trial.server.requests) == 1
    assert trial.names == set()


def test_login_page_does_not_replace_downloaded_bytes(trial: Trial) -> None:
    trial.server.acts = [Act(cut=HALF), HTML]
    with pytest.raises(DataError, match=r"other than a \.tar\.gz archive"):
        trial.fetch()
    assert trial.partial.stat().st_size == HALF
    assert_whole(trial.fetch())
    assert trial.server.ranges[-1] == REST


def test_address_without_a_server_is_reported(trial: Trial) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening, so that no other process gets this port
        with pytest.raises(DataError, match=r"the connection failed: .*refused"):
            trial.fetch(url=f"http://127.0.0.1:{taken.getsockname()[1]}/x.tar.gz")


def test_disk_without_enough_space_is_reported_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, trial: Trial
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 0, 100))
    with pytest.raises(DataError, match=r"not enough disk space: .* and 100 bytes are free\n.*--into"):
        trial.fetch()
    assert trial.names == set()


def test_download_resumes_after_the_disk_was_full(trial: Trial) -> None:
    with files_limited_to(HALF), pytest.raises(DataError, match=r"cannot be written: File too large\n.*--into.*kept"):
        trial.fetch()
    assert trial.partial.stat().st_size == HALF
    assert_whole(trial.fetch())
    assert trial.server.ranges == [None, REST]
