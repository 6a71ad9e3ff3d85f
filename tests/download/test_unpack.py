"""Archives that are hostile, damaged or odd."""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
from collections.abc import Callable

import pytest

from tests.download.conftest import Trial, assert_whole, files_limited_to, names
from tests.download.server import Act
from tests.download.tiny import archive, file, images, members, special, tar
from zoo.errors import DataError

Member = tuple[tarfile.TarInfo, bytes]
IMAGES = list(images())
IMAGE = IMAGES[0]


def header(change: Callable[[bytearray], None]) -> bytes:
    """A tar whose first header was changed by hand, with its checksum made right again."""
    raw = bytearray(tar([file("x", b"x")]))
    change(raw)
    raw[148:156] = b" " * 8
    raw[148:156] = f"{sum(raw[:512]):06o}\0 ".encode()
    return bytes(raw)


def absurd_length(raw: bytearray) -> None:
    raw[156:157] = b"L"  # "the next 8 GB are a long name"
    raw[124:136] = b"77777777777\0"


def negative_length(raw: bytearray) -> None:
    raw[124:136] = b"\xff" * 12


def long_name(raw: bytearray) -> None:
    raw[156:157] = b"L"


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
def test_member_that_leads_out_of_the_folder_is_refused(member: Member, trial: Trial) -> None:
    (trial.folder / "escape").write_text("mine")
    trial.server.data = archive(member)
    with pytest.raises(DataError, match="leads out of the folder") as caught:
        trial.fetch(into=trial.folder / "into")
    assert "nothing was unpacked" in str(caught.value)
    assert names(trial.folder / "into") == set()
    assert trial.names == {"into", "escape"}
    assert (trial.folder / "escape").read_text() == "mine"


LINKS = [special(f"BreaKHis_v1/{number}", tarfile.LNKTYPE, IMAGE) for number in range(40)]
ZEROED = archive()[:50_000] + b"\0" * 20_000 + archive()[70_000:]
REFUSED = {
    "device": (archive(special("BreaKHis_v1/null", tarfile.CHRTYPE)), "neither a file nor a folder"),
    "disk": (archive(special("BreaKHis_v1/null", tarfile.BLKTYPE)), "neither a file nor a folder"),
    "pipe": (archive(special("BreaKHis_v1/null", tarfile.FIFOTYPE)), "neither a file nor a folder"),
    "hard-link-to-nothing": (archive(special("BreaKHis_v1/x", tarfile.LNKTYPE, "BreaKHis_v1/y")), "it is damaged"),
    "links-that-fill-the-disk": (archive(*LINKS), "it contains more than"),
    "zeros-after-the-last-file": (gzip.compress(tar(members()) + bytes(3_000_000)), "it unpacks to more than"),
    "cut": (archive()[:60_000], "it is damaged"),
    "wrong-checksum": (archive()[:-8] + b"\0" * 8, "it is damaged"),
    "zeroed-in-the-middle": (ZEROED, "it is damaged"),
    "gzip-without-tar": (gzip.compress(os.urandom(5000)), "it is damaged"),
    "empty-gzip": (gzip.compress(b""), "it is damaged"),
    "cut-tar": (gzip.compress(tar(members())[:40_000]), "it is damaged"),
    "absurd-length": (gzip.compress(header(absurd_length)), "a header of an invalid length"),
    "negative-length": (gzip.compress(header(negative_length)), "neither a file nor a folder"),
    "endless-long-names": (gzip.compress(header(long_name)[:1024] * 5000), "it is damaged"),  # tarfile recurses
    "folder-named-like-a-file": (archive(special(IMAGE, tarfile.DIRTYPE)), "it is damaged.*File exists"),
    "file-below-a-file": (archive(file(f"{IMAGE}/x", b"")), "it is damaged"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_hostile_or_damaged_archive_is_refused_and_deleted(data: bytes, message: str, trial: Trial) -> None:
    trial.server.data = data
    with pytest.raises(DataError, match=message) as caught:
        trial.fetch(most_bytes=400_000)
    assert "The download was deleted" in str(caught.value)
    assert trial.names == set()


@pytest.mark.parametrize("limit", [{"most_files": 7}, {"most_bytes": 50_000}], ids=["files", "bytes"])
def test_archive_with_more_than_the_stated_files_or_bytes_is_refused(limit: dict[str, int], trial: Trial) -> None:
    with pytest.raises(DataError, match="it contains more than"):
        trial.fetch(**limit)
    assert trial.names == set()


def test_connection_closed_early_without_a_length_is_noticed_by_unpacking(trial: Trial) -> None:
    trial.server.always = Act(length=False, cut=40_000)
    with pytest.raises(DataError, match="it is damaged"):
        trial.fetch()
    assert trial.names == set()


def test_hard_links_become_copies_and_symbolic_links_are_left_out(trial: Trial) -> None:
    first = [special("BreaKHis_v1/a", tarfile.SYMTYPE, "b"), file("BreaKHis_v1/a/readme", b"x")]
    copy, link = special("BreaKHis_v1/copy", tarfile.LNKTYPE, IMAGE), special("BreaKHis_v1/x", tarfile.SYMTYPE, "copy")
    trial.server.data = archive(copy, link, first=first)
    folder = trial.fetch()
    assert (folder / "copy").read_bytes() == images()[IMAGE]
    assert (folder / "copy").stat().st_nlink == 1
    assert (folder / "a" / "readme").read_bytes() == b"x"  # a folder, and not what the link of that name led to
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert not (folder / "b").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_modes_of_an_archive_are_ignored(trial: Trial) -> None:
    trial.server.data = archive(file("BreaKHis_v1/run", b"x", mode=0o6777), file("BreaKHis_v1/locked", b"x", mode=0))
    folder = trial.fetch()
    for name in ("run", "locked"):
        mode = (folder / name).stat().st_mode
        assert not mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IXUSR)
        assert mode & stat.S_IRUSR


def test_archive_without_an_outer_folder_is_unpacked(trial: Trial) -> None:
    bare = [file(name.removeprefix("BreaKHis_v1/"), data) for name, data in images().items()]
    trial.server.data = gzip.compress(tar(bare))
    assert_whole(trial.fetch())


def test_archive_is_not_downloaded_again_after_the_disk_was_full_while_unpacking(trial: Trial) -> None:
    trial.server.data = archive(file("BreaKHis_v1/large", bytes(300_000)))
    with files_limited_to(200_000), pytest.raises(DataError, match=r"cannot be written: File too large\n.*kept"):
        trial.fetch()
    assert trial.names == {trial.partial.name, f"{trial.partial.name}.json"}
    assert (trial.fetch() / "large").stat().st_size == 300_000
    assert len(trial.server.requests) == 1
    assert f"{trial.partial} exists already and is complete: not downloaded again" in trial.listener.said
