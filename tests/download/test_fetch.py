from __future__ import annotations

import gzip
import json
import os
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from tests.download.conftest import INSTALLED, Trial, assert_whole, names
from tests.download.server import Act
from tests.download.tiny import archive, file, images, source, tar
from zoo.download import RetryPolicy, fetch, read_record, record_path
from zoo.download.checksums import record_in_cache
from zoo.errors import DataError, UsageError
from zoo.registry import registry
from zoo.spec import Source

FIRST = next(iter(images()))


def test_fetch_leaves_the_data_set_and_its_record_and_nothing_else(trial: Trial) -> None:
    (trial.folder / ".BreaKHis_v1.part" / "BreaKHis_v1").mkdir(parents=True)  # left by a killed process
    folder = trial.fetch()
    assert folder == trial.folder / "BreaKHis_v1"
    assert_whole(folder)
    assert trial.names == INSTALLED
    assert trial.server.ranges == [None]
    assert trial.listener.tracked == [
        ("downloading BreaKHis_v1.tar.gz (MB)", 1, 1),
        ("hashing the archive (MB)", 1, 1),
        ("unpacking (MB)", 1, 1),
        ("checking images (images)", 8, 8),
    ]


def test_fetch_records_address_date_size_and_sha256(trial: Trial) -> None:
    record = read_record(record_path(trial.fetch()))
    assert record is not None
    assert record.date.endswith("+00:00")
    digest = sha256(trial.server.data).hexdigest()
    assert (record.source, record.url, record.bytes, record.sha256) == (
        "tiny",
        trial.server.url,
        len(trial.server.data),
        digest,
    )
    assert json.loads(record_in_cache("tiny").read_text())["sha256"] == digest


def test_into_may_name_the_data_set_folder_itself(trial: Trial) -> None:
    assert trial.fetch(into=trial.folder / "deep" / "BreaKHis_v1") == trial.folder / "deep" / "BreaKHis_v1"
    assert names(trial.folder / "deep") == INSTALLED


def test_complete_folder_is_not_downloaded_again(trial: Trial) -> None:
    folder = trial.fetch()
    assert trial.fetch() == folder
    assert len(trial.server.requests) == 1
    assert "exists already and is complete: nothing was downloaded" in trial.listener.said


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (Path.unlink, r"not complete:\n  - images of benign, magnification 40: 1 instead of 2\n  move it away"),
        (lambda path: path.write_bytes(images()[FIRST][:500]), r"SOB_B_A-14-22549AB-40-001\.png: cannot be read"),
    ],
    ids=["missing", "damaged"],
)
def test_incomplete_folder_is_reported_and_not_changed(damage: object, message: str, trial: Trial) -> None:
    trial.fetch()
    assert callable(damage)
    damage(trial.folder / FIRST)
    before = {path: path.stat().st_mtime_ns for path in trial.folder.rglob("*")}
    with pytest.raises(DataError, match=message):
        trial.fetch()
    assert {path: path.stat().st_mtime_ns for path in trial.folder.rglob("*")} == before
    assert len(trial.server.requests) == 1


def test_kept_archive_is_used_again_and_not_deleted(trial: Trial) -> None:
    folder = trial.fetch(keep=True)
    assert trial.names == {*INSTALLED, "BreaKHis_v1.tar.gz"}
    assert (record := read_record(record_path(folder))) is not None
    assert record.url == trial.server.url
    folder.rename(trial.folder / "elsewhere")
    assert_whole(trial.fetch())
    assert (trial.folder / "BreaKHis_v1.tar.gz").read_bytes() == trial.server.data
    assert len(trial.server.requests) == 1
    assert "BreaKHis_v1.tar.gz exists already: not downloaded again" in trial.listener.said


@pytest.mark.parametrize("place", ["argument", "variable"])
def test_address_can_be_given_as_argument_or_variable(
    place: str, monkeypatch: pytest.MonkeyPatch, trial: Trial
) -> None:
    nowhere = "http://127.0.0.1:1/BreaKHis_v1.tar.gz"
    monkeypatch.setenv("ZOO_DATA_URL", nowhere if place == "argument" else trial.server.url)
    assert_whole(fetch(source(nowhere), into=trial.folder, url=trial.server.url if place == "argument" else None))


@pytest.mark.parametrize(
    "url",
    ["BreaKHis.tar.gz", "ftp://here/x", "file:///etc/passwd", "http://[x", "http://h:x/", "http://a b/", "http:///x"],
)
def test_address_that_is_no_http_url_is_refused(url: str, trial: Trial) -> None:
    with pytest.raises(UsageError, match="is not a URL"):
        trial.fetch(url=url)
    assert trial.names == set()


def test_source_without_an_archive_is_refused_with_its_home_page(trial: Trial) -> None:
    plain = Source(name="plain", read="x:y", summary="", home="https://example.org/plain")
    with pytest.raises(UsageError, match=r"published at https://example\.org/plain"):
        fetch(plain, into=trial.folder)


SURPLUS = [file(FIRST.replace("-40-001", f"-{place}"), images()[FIRST]) for place in ("40-003", "50-001")]
WRONG = {
    "surplus": (archive(*SURPLUS), r"magnification 40: 3 instead of 2\n.*magnification 50: 1 instead of 0"),
    "no-image": (gzip.compress(tar([file("BreaKHis_v1/readme", os.urandom(600))])), "contains no BreakHis images"),
    "damaged-image": (
        archive(file(FIRST, images()[FIRST][:500])),
        r"\n  - histology_slides/.*AB-40-001\.png: cannot be read",
    ),
}


@pytest.mark.parametrize("keep", [False, True], ids=["deleted", "kept"])
@pytest.mark.parametrize(("data", "message"), WRONG.values(), ids=WRONG)
def test_archive_without_the_complete_data_set_is_refused_and_never_recorded(
    data: bytes, message: str, keep: bool, trial: Trial
) -> None:
    good, trial.server.data = trial.server.data, data
    with pytest.raises(DataError, match=message) as caught:
        trial.fetch(keep=keep)
    next_step = f"Delete {trial.folder / 'BreaKHis_v1.tar.gz'} and run" if keep else "The download was deleted: run"
    assert f"nothing was unpacked. {next_step} the same command again" in str(caught.value)
    assert trial.names == ({"BreaKHis_v1.tar.gz"} if keep else set())
    assert not record_in_cache("tiny").exists()
    trial.server.data = good
    assert_whole(trial.fetch(into=trial.folder / "next"))


def test_archive_that_differs_from_the_first_is_refused_until_its_record_is_deleted(trial: Trial) -> None:
    first = sha256(trial.server.data).hexdigest()
    trial.fetch(into=trial.folder / "one")
    trial.server.data = archive(file("BreaKHis_v1/readme", b"a new file"))
    second = sha256(trial.server.data).hexdigest()
    with pytest.raises(DataError, match=f"now    sha256 {second}(.|\n)*first  sha256 {first}") as caught:
        trial.fetch()
    record = record_in_cache("tiny")
    assert f"delete {record} and run" in str(caught.value)
    assert f"delete {trial.partial} and run" in str(caught.value)
    assert trial.names == {"one", trial.partial.name, f"{trial.partial.name}.json"}

    record.unlink()
    assert trial.fetch().joinpath("readme").read_bytes() == b"a new file"
    assert len(trial.server.requests) == 2
    assert json.loads(record.read_text())["sha256"] == second


def test_archive_that_differs_from_the_first_can_be_deleted_and_downloaded_again(trial: Trial) -> None:
    good = trial.server.data
    trial.fetch(into=trial.folder / "one")
    trial.server.data = archive(file("BreaKHis_v1/readme", b"tampered with"))
    with pytest.raises(DataError, match="differs from the first good download"):
        trial.fetch()
    trial.server.data = good
    trial.partial.unlink()
    assert_whole(trial.fetch())


def test_two_processes_at_once_download_once(trial: Trial) -> None:
    trial.server.acts = [Act(stall=2000)]  # so that the first one is still downloading when the second one begins
    done: list[Path] = []
    patient = RetryPolicy(timeout=1.0, tries=3, wait=0.01)
    threads = [threading.Thread(target=lambda: done.append(trial.fetch(retry=patient))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 2
    assert trial.server.ranges.count(None) == 1
    assert "another process is downloading tiny: waiting for it" in trial.listener.said
    assert_whole(done[0])


def test_folder_that_cannot_be_created_is_reported(trial: Trial) -> None:
    (trial.folder / "file").write_text("x")
    with pytest.raises(DataError, match="file: cannot be written"):
        trial.fetch(into=trial.folder / "file")


def test_breakhis_has_the_published_address_and_counts() -> None:
    archive = registry().source("breakhis").archive
    assert archive is not None
    assert archive.url.endswith("www.inf.ufpr.br/vri/databases/BreaKHis_v1.tar.gz")
    by_class = {label: sum(row.values()) for label, row in archive.images.items()}
    assert by_class == {"benign": 2480, "malignant": 5429}  # 7,909 in all
    by_magnification = [sum(row[value] for row in archive.images.values()) for value in ("40", "100", "200", "400")]
    assert by_magnification == [1995, 2081, 2013, 1820]
