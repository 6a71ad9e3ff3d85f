from __future__ import annotations

import gzip
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.download.conftest import Fetch, assert_whole, names
from tests.data.download.server import FileServer
from tests.data.download.tiny import archive, file, images, members, special, tar
from zoo.errors import DataError

Member = tuple[tarfile.TarInfo, bytes]
IMAGES = list(images())


def header(name: str, change: Callable[[bytearray], None]) -> bytes:
    """A tar whose first header has been changed by hand, with its checksum made right again."""
    raw = bytearray(tar([file(name, b"x")]))
    change(raw)
    raw[148:156] = b" " * 8
    raw[148:156] = f"{sum(raw[:512]):06o}\0 ".encode()
    return bytes(raw)


def absurd_length(raw: bytearray) -> None:
    raw[156:157] = b"L"  # "the next 8 GB are a long name"
    raw[124:136] = b"77777777777\0"


def negative_length(raw: bytearray) -> None:
    raw[124:136] = b"\xff" * 12


@pytest.mark.parametrize(
    "member",
    [
        file("../escape", b"x"),
        file("BreaKHis_v1/../../escape", b"x"),
        file("BreaKHis_v1/a/../b", b"x"),
        file("/tmp/escape", b"x"),
        file("..\\escape", b"x"),
        file("C:\\escape", b"x"),
        file("C:escape", b"x"),
        special("..", tarfile.DIRTYPE),
        special("BreaKHis_v1/out", tarfile.SYMTYPE, "../../escape"),
        special("BreaKHis_v1/out", tarfile.SYMTYPE, "/etc/passwd"),
        special("out", tarfile.SYMTYPE, ".."),
        special("BreaKHis_v1/out", tarfile.LNKTYPE, "../escape"),
        special("BreaKHis_v1/out", tarfile.LNKTYPE, "/etc/passwd"),
    ],
    ids=lambda member: f"{member[0].name}>{member[0].linkname}",
)
def test_what_leads_out_is_refused(member: Member, fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "escape").write_text("mine")
    server.data = archive(member)
    with pytest.raises(DataError, match="leads out of the folder") as caught:
        fetch_tiny(into=tmp_path / "into")
    assert "nothing was unpacked" in str(caught.value)
    assert names(tmp_path / "into") == set()
    assert names(tmp_path) == {"into", "escape"}
    assert (tmp_path / "escape").read_text() == "mine"


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE], ids=["char", "block", "fifo"])
def test_devices_are_refused(kind: bytes, fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.data = archive(special("BreaKHis_v1/null", kind))
    with pytest.raises(DataError, match="neither a file nor a folder"):
        fetch_tiny()
    assert names(tmp_path) == set()


def test_a_folder_that_was_a_link_is_not_written_through(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    first = [special("BreaKHis_v1/a", tarfile.SYMTYPE, "b"), file("BreaKHis_v1/a/readme", b"x")]
    server.data = archive(first=first)
    folder = fetch_tiny()
    assert not (folder / "a").is_symlink()
    assert (folder / "a" / "readme").read_bytes() == b"x"
    assert not (folder / "b").exists()


def test_links_that_stay_inside_become_copies_or_nothing(fetch_tiny: Fetch, server: FileServer) -> None:
    inner = [
        special("BreaKHis_v1/again", tarfile.LNKTYPE, IMAGES[0]),
        special("BreaKHis_v1/x", tarfile.SYMTYPE, "again"),
    ]
    server.data = archive(*inner)
    folder = fetch_tiny()
    copy = folder / "again"
    assert copy.read_bytes() == images()[IMAGES[0]]
    assert copy.stat().st_nlink == 1
    assert not (folder / "x").is_symlink()
    assert not (folder / "x").exists()


def test_a_hard_link_to_nothing_is_refused(fetch_tiny: Fetch, server: FileServer) -> None:
    server.data = archive(special("BreaKHis_v1/again", tarfile.LNKTYPE, "BreaKHis_v1/nothing"))
    with pytest.raises(DataError, match="'BreaKHis_v1/nothing', which does not come before it"):
        fetch_tiny()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_modes_are_not_taken_over(fetch_tiny: Fetch, server: FileServer) -> None:
    server.data = archive(file("BreaKHis_v1/run", b"x", mode=0o6777), file("BreaKHis_v1/locked", b"x", mode=0))
    folder = fetch_tiny()
    for name in ("run", "locked"):
        mode = (folder / name).stat().st_mode
        assert not mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IXUSR)
        assert mode & stat.S_IRUSR


@pytest.mark.parametrize("change", [{"most_files": 7}, {"most_bytes": 50_000}])
def test_a_bomb_is_refused(change: dict[str, int], fetch_tiny: Fetch, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it holds more than"):
        fetch_tiny(**change)
    assert names(tmp_path) == set()


def test_a_bomb_of_links_is_refused(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    links = [special(f"BreaKHis_v1/{number}", tarfile.LNKTYPE, IMAGES[0]) for number in range(40)]
    server.data = archive(*links)
    with pytest.raises(DataError, match="it holds more than"):
        fetch_tiny(most_bytes=300_000)
    assert names(tmp_path) == set()


def test_a_bomb_behind_the_last_file_is_refused(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    server.data = gzip.compress(tar(members()) + bytes(3_000_000))
    with pytest.raises(DataError, match="it goes on for more than"):
        fetch_tiny(most_bytes=1_000_000)
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (archive()[:60_000], "it is damaged"),
        (archive()[:-8] + b"\0" * 8, "it is damaged"),
        (archive()[:50_000] + b"\0" * 20_000 + archive()[70_000:], "it is damaged"),
        (gzip.compress(os.urandom(5000)), "it is damaged"),
        (gzip.compress(b""), "it is damaged"),
        (gzip.compress(tar(members())[:40_000]), "it is damaged"),
        (gzip.compress(header("x", absurd_length)), "a header of an absurd length"),
        (gzip.compress(header("x", negative_length)), "a length below nothing"),
        (archive(special(IMAGES[0], tarfile.DIRTYPE)), "a file and a folder of one name"),
        (archive(file(f"{IMAGES[0]}/x", b"")), "a file and a folder of one name"),
    ],
    ids=["cut", "checksum", "zeroed", "no tar", "nothing", "cut tar", "absurd", "negative", "folder", "below a file"],
)
def test_a_damaged_archive_is_told(
    packed: bytes, said: str, fetch_tiny: Fetch, server: FileServer, tmp_path: Path
) -> None:
    server.data = packed
    with pytest.raises(DataError) as caught:
        fetch_tiny()
    assert said in str(caught.value)
    assert "The download was removed" in str(caught.value)
    assert names(tmp_path) == set()


def test_long_names_without_end_are_told(fetch_tiny: Fetch, server: FileServer, tmp_path: Path) -> None:
    """Each header says that the next one's name comes before it; `tarfile` follows them by calling itself."""
    long = header("x", lambda raw: raw.__setitem__(slice(156, 157), b"L"))[:1024]
    server.data = gzip.compress(long * 5000)
    with pytest.raises(DataError):
        fetch_tiny()
    assert names(tmp_path) == set()


def test_an_archive_without_a_folder_around_it(fetch_tiny: Fetch, server: FileServer) -> None:
    bare = [file(name.removeprefix("BreaKHis_v1/"), data) for name, data in images().items()]
    server.data = gzip.compress(tar(bare))
    assert_whole(fetch_tiny())


def test_a_disk_that_fills_up_while_unpacking(
    fetch_tiny: Fetch, server: FileServer, tmp_path: Path, partial: Path
) -> None:
    resource = pytest.importorskip("resource", reason="needs limits on the size of files")
    server.data = archive(file("BreaKHis_v1/large", bytes(300_000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))  # the system refuses a longer file
    try:
        with pytest.raises(DataError) as caught:
            fetch_tiny()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "no room" in str(caught.value)
    assert f"The archive is kept in {partial}, and is not downloaded again" in str(caught.value)
    assert names(tmp_path) == {partial.name, f"{partial.name}.json"}
    assert (fetch_tiny() / "large").stat().st_size == 300_000
    assert len(server.heard) == 1
