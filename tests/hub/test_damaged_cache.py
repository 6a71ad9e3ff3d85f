"""What is damaged in the cache or on its way is noticed, and downloaded again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from zoo.bundle.bundle_files import CARD, CONFIG, GOLDEN, WEIGHTS
from zoo.bundle.card import own_parts, read_card
from zoo.errors import BundleError, CachedCopyWarning, HubError
from zoo.hub import pull, push

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def cached(hub: Hub, bundle: Make) -> Path:
    """A bundle in the cache of the Hub's client."""
    push(bundle(), REPO)
    return pull(REPO)


def flip(path: Path) -> None:
    data = path.read_bytes()
    path.resolve().write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])


@pytest.mark.parametrize("revision", [None, "commit"])
def test_every_damaged_file_in_the_cache_is_downloaded_again(hub: Hub, cached: Path, revision: str | None) -> None:
    before = bytes_of(cached)
    for name in before:
        flip(cached / name)
    assert bytes_of(cached) != before
    assert bytes_of(pull(REPO, revision=cached.name if revision else None)) == before


@pytest.mark.parametrize("content", [b"", b'{"library": "histozoo", "format": 99}'])
def test_a_config_overwritten_in_the_cache_is_downloaded_again(hub: Hub, cached: Path, content: bytes) -> None:
    before = bytes_of(cached)
    (cached / CONFIG).resolve().write_bytes(content)
    assert bytes_of(pull(REPO)) == before


@pytest.mark.parametrize("name", [CONFIG, GOLDEN])
def test_a_file_removed_from_the_cache_is_downloaded_again(hub: Hub, cached: Path, name: str) -> None:
    before = bytes_of(cached)
    (cached / name).resolve().unlink()
    assert bytes_of(pull(REPO)) == before


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, GOLDEN])
def test_a_damaged_copy_is_not_used_when_the_hub_is_unreachable_and_its_path_is_named(
    hub: Hub, cached: Path, name: str
) -> None:
    flip(cached / name)
    hub.fail("GET", "/api/models/", 500)
    with pytest.raises(HubError, match="the cache has no complete copy") as caught:
        pull(REPO)
    assert f"{cached / name} is damaged" in caught.value.message
    hub.faults.clear()
    pull(REPO)
    hub.fail("GET", "/api/models/", 500)
    with pytest.warns(CachedCopyWarning):
        assert pull(REPO) == cached


def test_a_folder_in_the_place_of_the_weights_is_named_with_what_to_do(hub: Hub, cached: Path) -> None:
    (cached / WEIGHTS).unlink()
    (cached / WEIGHTS).mkdir()
    with pytest.raises(HubError, match="is a folder, not a file") as caught:
        pull(REPO)
    assert str(cached / WEIGHTS) in caught.value.message
    assert "move it away" in str(caught.value.hint)
    (cached / WEIGHTS).rmdir()
    assert pull(REPO) == cached


@pytest.mark.parametrize("change", [None, {"file": WEIGHTS}])
def test_a_config_on_the_hub_that_does_not_state_the_weights_is_blamed_on_the_owner_with_its_key(
    hub: Hub, cached: Path, change: object
) -> None:
    document = json.loads((cached / CONFIG).read_bytes())
    document["weights"] = change
    hub.repositories[REPO].commit("edited", {CONFIG: json.dumps(document).encode()})
    with pytest.raises(BundleError, match=r"does not state the sha256 of model\.safetensors: the key 'weights'"):
        pull(REPO)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, GOLDEN])
def test_a_file_changed_on_its_way_is_downloaded_a_second_time_and_then_refused(
    hub: Hub, bundle: Make, name: str
) -> None:
    push(bundle(), REPO)
    hub.corrupt(f"resolve/.*/{name}", times=1)
    good = bytes_of(pull(REPO))
    push(bundle("later", seed=1), REPO)
    hub.corrupt(f"resolve/.*/{name}")
    if name == CONFIG:  # that of the second bundle has the same bytes except for the hash of the weights
        hub.repositories[REPO].commit("again", {CONFIG: hub.repositories[REPO].head.files[CONFIG] + b"\n"})
    with pytest.raises(HubError, match=f"{name} arrives damaged: .* does not have the hash that the Hub states"):
        pull(REPO)
    hub.faults.clear()
    assert bytes_of(pull(REPO)) != good


def test_an_interrupted_download_does_not_hide_the_copy_before_it(hub: Hub, cached: Path, bundle: Make) -> None:
    push(bundle("later", seed=1), REPO)
    hub.fail("GET", f"resolve/.*/{GOLDEN}", 404, code="EntryNotFound")
    hub.fail("HEAD", f"resolve/.*/{WEIGHTS}", 500)
    with pytest.warns(CachedCopyWarning):
        assert pull(REPO) == cached
    hub.fail("GET", "/api/models/", 500)
    with pytest.warns(CachedCopyWarning):
        assert pull(REPO) == cached
    hub.faults.clear()
    assert pull(REPO).name == hub.repositories[REPO].head.oid


def test_a_card_damaged_in_the_cache_is_not_taken_for_that_of_a_person(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    folder = pull(REPO)
    flip(folder / CARD)
    push(bundle("later", seed=1), REPO)
    card = read_card(hub.repositories[REPO].head.files[CARD].decode(), where=REPO)
    assert not own_parts(card)
