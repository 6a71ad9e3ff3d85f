from __future__ import annotations

import gzip
import json
import os
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from tests.data.download.conftest import Fetch, Listener, assert_whole, names
from tests.data.download.server import Act, FileServer
from tests.data.download.tiny import TABLE, archive, file, images, source, tar
from zoo.data.download import fetch, recorded
from zoo.data.download.checksums import record_in_cache
from zoo.errors import DataError, UsageError
from zoo.registry import registry
from zoo.spec import Source

FIRST = next(iter(images()))
AFTER = {"BreaKHis_v1", "BreaKHis_v1.fetched.json"}


def test_the_data_set_is_there_and_nothing_else(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    folder = fetch_tiny()
    assert folder == tmp_path / "BreaKHis_v1"
    assert_whole(folder)
    assert names(tmp_path) == AFTER
    assert server.ranges == [None]


def test_what_was_fetched_is_recorded(fetch_tiny: Fetch, server: FileServer) -> None:
    folder = fetch_tiny()
    record = recorded(folder)
    assert record is not None
    assert record.pop("date").endswith("+00:00")
    digest = sha256(server.data).hexdigest()
    assert record == {"source": "tiny", "url": server.url, "bytes": len(server.data), "sha256": digest}
    assert json.loads(record_in_cache(source(server.url)).read_text())["sha256"] == digest


def test_each_stage_is_followed_to_its_end(fetch_tiny: Fetch, listener: Listener) -> None:
    fetch_tiny()
    assert listener.tracked == [
        ("downloading BreaKHis_v1.tar.gz (MB)", 1, 1),
        ("hashing the archive (MB)", 1, 1),
        ("unpacking (MB)", 1, 1),
        ("checking that each image opens (images)", 8, 8),
    ]


def test_the_folder_itself_can_be_named(fetch_tiny: Fetch, tmp_path: Path) -> None:
    assert fetch_tiny(into=tmp_path / "deep" / "BreaKHis_v1") == tmp_path / "deep" / "BreaKHis_v1"
    assert names(tmp_path / "deep") == AFTER


def test_what_is_there_whole_is_not_fetched_again(fetch_tiny: Fetch, server: FileServer, listener: Listener) -> None:
    folder = fetch_tiny()
    assert fetch_tiny() == folder
    assert len(server.heard) == 1
    assert "is here already, and whole: nothing was fetched" in listener.said


def test_what_is_there_in_part_is_told_and_left_alone(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    fetch_tiny()
    gone = tmp_path / FIRST
    gone.unlink()
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert (
        "is here already, and is not the whole data set:\n  - images of benign, magnification 40: 1 instead of 2"
        in str(caught.value)
    )
    assert "move it away" in str(caught.value)
    assert len(server.heard) == 1
    assert names(tmp_path) == AFTER


def test_an_image_that_was_damaged_since_is_told(fetch_tiny: Fetch, tmp_path: Path) -> None:
    fetch_tiny()
    (tmp_path / FIRST).write_bytes(images()[FIRST][:500])
    with pytest.raises(DataError, match=r"SOB_B_A-14-22549AB-40-001\.png: cannot be read"):
        fetch_tiny()


def test_an_archive_that_is_kept_is_used_and_stays(
    fetch_tiny: Fetch, server: FileServer, tmp_path: Path, listener: Listener
) -> None:
    fetch_tiny(keep=True)
    assert names(tmp_path) == {*AFTER, "BreaKHis_v1.tar.gz"}
    (tmp_path / "BreaKHis_v1").rename(tmp_path / "elsewhere")
    assert_whole(fetch_tiny())
    assert (tmp_path / "BreaKHis_v1.tar.gz").read_bytes() == server.data
    assert len(server.heard) == 1
    assert "BreaKHis_v1.tar.gz is here already: not downloaded again" in listener.said


@pytest.mark.parametrize("place", ["argument", "variable"])
def test_the_address_can_be_changed(
    place: str, server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "http://127.0.0.1:1/BreaKHis_v1.tar.gz"
    monkeypatch.setenv("ZOO_DATA_URL", nowhere if place == "argument" else server.url)
    assert_whole(fetch(source(nowhere), into=tmp_path, address=server.url if place == "argument" else None))


@pytest.mark.parametrize(
    "url",
    ["BreaKHis.tar.gz", "ftp://here/x", "file:///etc/passwd", "http://[x", "http://h:x/", "http://a b/", "http:///x"],
)
def test_what_is_no_address_is_refused(fetch_tiny: Fetch, url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not an address"):
        fetch_tiny(address=url)
    assert names(tmp_path) == set()


def test_a_source_without_an_archive_says_where_it_is(tmp_path: Path) -> None:
    plain = Source(name="plain", read="x:y", summary="", home="https://example.org/plain")
    with pytest.raises(UsageError, match=r"published at https://example\.org/plain"):
        fetch(plain, into=tmp_path)


def test_images_that_are_missing_or_too_many_are_counted(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    more = FIRST.replace("-40-001", "-40-003")
    odd = FIRST.replace("-40-001", "-50-001")
    server.data = archive(file(more, images()[FIRST]), file(odd, images()[FIRST]))
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert "\n  - images of benign, magnification 40: 3 instead of 2" in str(caught.value)
    assert "\n  - images of benign, magnification 50: 1 instead of 0" in str(caught.value)
    assert "The download was removed: run the same command again" in str(caught.value)
    assert names(tmp_path) == set()


def test_an_archive_without_images_is_wrong(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.data = gzip.compress(tar([file("BreaKHis_v1/readme", os.urandom(600))]))
    with pytest.raises(DataError, match="no BreakHis image"):
        fetch_tiny()
    assert names(tmp_path) == set()


def test_an_image_that_does_not_open_is_named(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.data = archive(file(FIRST, images()[FIRST][:500]))
    with pytest.raises(DataError, match=r"SOB_B_A-14-22549AB-40-001\.png: cannot be read") as caught:
        fetch_tiny()
    assert str(tmp_path) not in caught.value.message
    assert names(tmp_path) == set()


def test_a_wrong_archive_that_is_kept_is_not_removed(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.data = archive(file(FIRST, b"no image"))
    with pytest.raises(DataError, match=r"Delete .*BreaKHis_v1\.tar\.gz and run the same command again"):
        fetch_tiny(keep=True)
    assert names(tmp_path) == {"BreaKHis_v1.tar.gz"}


def test_another_archive_than_the_first_is_refused_with_both(
    fetch_tiny: Fetch, server: FileServer, tmp_path: Path, partial: Path
) -> None:
    first = sha256(server.data).hexdigest()
    fetch_tiny(into=tmp_path / "one")
    server.data = archive(file("BreaKHis_v1/readme", b"a new file"))
    second = sha256(server.data).hexdigest()
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert f"now    sha256 {second}" in str(caught.value)
    assert f"first  sha256 {first}" in str(caught.value)
    record = record_in_cache(source(server.url))
    assert f"delete {record} and run" in str(caught.value)
    assert f"delete {partial} and run" in str(caught.value)
    assert names(tmp_path) == {"one", partial.name, f"{partial.name}.json"}

    record.unlink()  # what the error says for taking it
    assert fetch_tiny().joinpath("readme").read_bytes() == b"a new file"
    assert len(server.heard) == 2
    assert json.loads(record.read_text())["sha256"] == second


def test_the_download_can_be_thrown_away_and_fetched_anew(
    fetch_tiny: Fetch, server: FileServer, tmp_path: Path, partial: Path
) -> None:
    good = server.data
    fetch_tiny(into=tmp_path / "one")
    server.data = archive(file("BreaKHis_v1/readme", b"tampered with"))
    with pytest.raises(DataError, match="is not the one of the first good download"):
        fetch_tiny()
    server.data = good
    partial.unlink()
    assert_whole(fetch_tiny())


def test_a_wrong_archive_is_never_recorded(fetch_tiny: Fetch, server: FileServer) -> None:
    good, server.data = server.data, archive(file(FIRST, b"no image"))
    with pytest.raises(DataError):
        fetch_tiny()
    assert not record_in_cache(source(server.url)).exists()
    server.data = good
    assert_whole(fetch_tiny())


def test_two_at_once_download_once(fetch_tiny: Fetch, server: FileServer, listener: Listener) -> None:
    server.acts = [Act(stall=2000)]  # so that the first is still at it when the second comes
    done: list[Path] = []
    threads = [threading.Thread(target=lambda: done.append(fetch_tiny())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 2
    assert server.ranges.count(None) == 1
    assert "another process is fetching into" in listener.said
    assert_whole(done[0])


def test_what_a_killed_process_left_unpacked_is_swept_away(fetch_tiny: Fetch, tmp_path: Path) -> None:
    left = tmp_path / ".BreaKHis_v1.0123abcd.unpacking" / "BreaKHis_v1"
    left.mkdir(parents=True)
    fetch_tiny()
    assert names(tmp_path) == AFTER


def test_a_place_that_is_a_file_is_told(fetch_tiny: Fetch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="file: cannot be written"):
        fetch_tiny(into=tmp_path / "file")


def test_breakhis_has_the_published_table_and_address() -> None:
    archive = registry().source("breakhis").archive
    assert archive is not None
    assert archive.url.endswith("www.inf.ufpr.br/vri/databases/BreaKHis_v1.tar.gz")
    assert sum(sum(row.values()) for row in archive.images.values()) == 7909
    by_class = {label: sum(row.values()) for label, row in archive.images.items()}
    assert by_class == {"benign": 2480, "malignant": 5429}
    by_magnification = [sum(row[value] for row in archive.images.values()) for value in ("40", "100", "200", "400")]
    assert by_magnification == [1995, 2081, 2013, 1820]


def test_the_table_of_these_tests_is_the_archive() -> None:
    assert sum(sum(row.values()) for row in TABLE.values()) == len(images()) == 8
