from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CARD, CONFIG, FILES, GOLDEN, METRICS, SEEN, WEIGHTS, copy_bundle, is_bundle
from zoo.bundle.bundle_metrics import bundle_metrics
from zoo.bundle.seen import read_seen
from zoo.bundle.weights_file import read_weights
from zoo.classifier.golden_outputs import read_golden
from zoo.errors import BundleError
from zoo.hub.pushed_card import read_local_card

Make = Callable[..., Any]
READERS: dict[str, Callable[[Path], object]] = {
    CONFIG: BundleConfig.read,
    WEIGHTS: read_weights,
    METRICS: bundle_metrics,
    GOLDEN: read_golden,
    SEEN: read_seen,
    CARD: read_local_card,
}
TERABYTE = 1 << 40


def linked(path: Path) -> None:
    outside = path.parent.parent / f"secret-{path.name}"
    path.rename(outside)
    path.symlink_to(outside)


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def emptied(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("replace", "said"),
    [(linked, "is a link"), (piped, "is a pipe"), (device, "is a link"), (emptied, "is a folder")],
)
def test_what_is_no_file_of_the_folder_is_refused_at_once_and_named(
    bundle: Make, name: str, replace: Callable[[Path], None], said: str
) -> None:
    folder = bundle()
    replace(folder / name)
    with pytest.raises(BundleError, match=f"{name} {said}"):
        READERS[name](folder)


@pytest.mark.parametrize("name", [CONFIG, METRICS, SEEN, CARD])
def test_a_file_of_a_terabyte_is_refused_without_being_read(bundle: Make, name: str) -> None:
    folder = bundle()
    os.truncate(folder / name, TERABYTE)
    with pytest.raises(BundleError, match=r"larger than \d+.* MB"):
        READERS[name](folder)


def in_cache(bundle: Path, cache: Path) -> Path:
    """The bundle as the Hub's client keeps it: a snapshot of links to blobs."""
    snapshot, blobs = cache / "models--ada--tiny" / "snapshots" / "1111", cache / "models--ada--tiny" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for file in bundle.iterdir():
        shutil.copyfile(file, blobs / f"hash-{file.name}")
        (snapshot / file.name).symlink_to(Path("..", "..", "blobs", f"hash-{file.name}"))
    return snapshot


def test_the_links_of_the_hubs_cache_are_followed(bundle: Make, tmp_path: Path) -> None:
    folder = bundle()
    snapshot = in_cache(folder, tmp_path / "cache")
    assert is_bundle(snapshot)
    assert BundleConfig.read(snapshot) == BundleConfig.read(folder)
    assert sorted(read_weights(snapshot)) == sorted(read_weights(folder))
    copy = copy_bundle(snapshot, tmp_path / "copy")
    assert {file.name: file.read_bytes() for file in copy.iterdir()} == {
        file.name: file.read_bytes() for file in folder.iterdir()
    }
    assert not any(file.is_symlink() for file in copy.iterdir())


def test_a_large_file_that_repositories_share_in_the_hubs_cache_is_followed(bundle: Make, tmp_path: Path) -> None:
    """So the client keeps files that it downloaded with xet."""
    snapshot = in_cache(bundle(), tmp_path / "cache")
    blob = snapshot.parent.parent / "blobs" / f"hash-{WEIGHTS}"
    shared = tmp_path / "cache" / "blobs" / "ab" / ("ab" * 32)
    shared.parent.mkdir(parents=True)
    blob.rename(shared)
    blob.symlink_to(Path("..", "..", "blobs", "ab", shared.name))
    assert read_weights(snapshot)
    blob.unlink()
    blob.symlink_to(tmp_path / "bundle" / WEIGHTS)
    with pytest.raises(BundleError, match=f"{WEIGHTS} is a link"):
        read_weights(snapshot)


def test_a_link_out_of_the_hubs_cache_is_not_followed(bundle: Make, tmp_path: Path) -> None:
    snapshot = in_cache(bundle(), tmp_path / "cache")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (snapshot / GOLDEN).unlink()
    (snapshot / GOLDEN).symlink_to(secret)
    with pytest.raises(BundleError, match=f"{GOLDEN} is a link"):
        bundle_file(snapshot, GOLDEN)
    blobs = snapshot.parent.parent / "blobs"
    blobs.rename(tmp_path / "moved")
    blobs.symlink_to(tmp_path / "moved")
    with pytest.raises(BundleError, match=f"{CONFIG} is a link"):
        bundle_file(snapshot, CONFIG)


def test_a_blob_that_is_missing_in_the_cache_is_a_missing_file(bundle: Make, tmp_path: Path) -> None:
    snapshot = in_cache(bundle(), tmp_path / "cache")
    (snapshot.parent.parent / "blobs" / f"hash-{METRICS}").unlink()
    assert bundle_file(snapshot, METRICS) is None
    assert bundle_metrics(snapshot) is None


def test_a_folder_that_is_a_link_can_be_named(bundle: Make, tmp_path: Path) -> None:
    folder = bundle()
    (tmp_path / "latest").symlink_to(folder)
    assert all(bundle_file(tmp_path / "latest", name) is not None for name in FILES if (folder / name).exists())
