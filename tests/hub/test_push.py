from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from huggingface_hub.utils import are_progress_bars_disabled, enable_progress_bars

from tests.hub.fake_hub import UPLOAD_WARNING, Hub, environment
from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import BASELINE, CALIBRATION, FILES, METRICS, NOVELTY
from zoo.bundle.card import CardError, card, own_parts, read_card
from zoo.errors import BundleError, HubError, UnknownNameError, UsageError
from zoo.hub import plan_push, pull, push
from zoo.metrics.metrics_file import read_metrics

REPO = "ada/tiny-breakhis"
Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def named(folder: Path) -> dict[str, bytes]:
    """The bundle's files as they are on the Hub: with a card that names the repository."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    metrics = read_metrics(folder / METRICS) if (folder / METRICS).is_file() else None
    assert REPO not in text
    return bytes_of(folder) | {"README.md": card(BundleConfig.read(folder), metrics, repo=REPO).encode()}


def ours(hub: Hub) -> dict[str, bytes]:
    files = hub.repositories[REPO].head.files
    return {name: data for name, data in files.items() if name != ".gitattributes"}


def test_a_push_is_one_commit_of_exactly_the_bundle(hub: Hub, bundle: Make) -> None:
    folder = bundle()
    (folder / "notes.txt").write_text("mine")
    address = push(folder, REPO)
    repository = hub.repositories[REPO]
    assert len(repository.commits) == 2  # the Hub makes the first with the repository
    assert address == f"{hub.url}/{REPO}/commit/{repository.head.oid}"
    (folder / "notes.txt").unlink()
    assert ours(hub) == named(folder)
    assert set(ours(hub)) == set(FILES) - {BASELINE, CALIBRATION, NOVELTY}


def test_the_commit_message_names_the_model_unless_one_is_given(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    assert hub.repositories[REPO].head.message.startswith("tiny, by histozoo ")
    push(bundle("other", seed=1), REPO, message="better weights")
    assert hub.repositories[REPO].head.message == "better weights"


def test_the_card_on_the_hub_names_the_repository_and_the_folder_is_unchanged(hub: Hub, bundle: Make) -> None:
    folder = bundle()
    before = bytes_of(folder)
    push(folder, REPO)
    text = ours(hub)["README.md"].decode()
    assert f'zoo.from_pretrained("{REPO}")' in text
    assert not own_parts(read_card(text, where=REPO))
    assert bytes_of(folder) == before


def test_a_bundle_without_a_card_is_pushed_with_a_generated_one(hub: Hub, bundle: Make) -> None:
    push(bundle(report=False), REPO)
    assert b"Not evaluated" in ours(hub)["README.md"]


def test_a_second_push_deletes_files_that_only_the_first_bundle_contained(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    later = bundle("later", seed=1)
    (later / METRICS).unlink()
    push(later, REPO)
    assert len(hub.repositories[REPO].commits) == 3
    assert METRICS not in ours(hub)
    assert ours(hub) == named(later)


def test_pushing_the_same_bundle_again_makes_no_commit(hub: Hub, bundle: Make) -> None:
    folder = bundle()
    first = push(folder, REPO)
    assert push(folder, REPO) == first
    assert len(hub.repositories[REPO].commits) == 2


def test_push_private_creates_a_private_repository(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO, private=True)
    assert hub.repositories[REPO].private


def test_private_weights_are_never_pushed_to_a_public_repository(hub: Hub, bundle: Make) -> None:
    hub.repository(REPO).commit("theirs", {"notes.txt": b"x"})
    with pytest.raises(HubError, match="already exists and is public"):
        push(bundle(), REPO, private=True)
    assert len(hub.repositories[REPO].commits) == 2
    assert hub.blobs == {}


def card_on_hub(hub: Hub) -> str:
    return ours(hub)["README.md"].decode()


def edited_on_hub(hub: Hub, edit: Callable[[str], str]) -> None:
    hub.repositories[REPO].commit("by hand", {"README.md": edit(card_on_hub(hub)).encode()})


def test_a_license_and_a_text_added_on_the_hub_are_kept_and_the_results_are_the_new_ones(
    hub: Hub, bundle: Make, listener: Any
) -> None:
    push(bundle(), REPO)
    edited_on_hub(hub, lambda text: text.replace("---\n", "---\nlicense: mit\n", 1) + "\nTested at our hospital too.\n")
    later = bundle("later", seed=1)
    document = json.loads((later / METRICS).read_text(encoding="utf-8"))
    document["measures"]["values"]["accuracy"] = 0.5
    (later / METRICS).write_text(json.dumps(document), encoding="utf-8")
    push(later, REPO, progress=listener)
    text = card_on_hub(hub)
    assert "| accuracy | 0.500 |" in text
    assert text.count("| accuracy |") == 1
    assert "Tested at our hospital too." in text
    assert read_card(text, where=REPO).metadata["license"] == "mit"
    assert listener.heard == []


OWN_RESULT = {
    "task": {"type": "image-classification"},
    "dataset": {"name": "Our slides", "type": "ours"},
    "metrics": [{"type": "accuracy", "value": 0.75}],
}


def metadata_on_hub(hub: Hub) -> dict[str, Any]:
    return dict(read_card(card_on_hub(hub), where=REPO).metadata)


def with_metadata(edit: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    """An edit of nothing but the front matter."""

    def edited(text: str) -> str:
        _, front, body = text.split("---\n", 2)
        metadata = yaml.safe_load(front)
        edit(metadata)
        return f"---\n{yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True)}---\n{body}"

    return edited


@pytest.mark.parametrize("local", [True, False])
def test_a_result_added_on_the_hub_is_kept_by_later_pushes(hub: Hub, bundle: Make, listener: Any, local: bool) -> None:
    push(bundle(), REPO)
    edited_on_hub(hub, with_metadata(lambda metadata: metadata["model-index"][0]["results"].append(OWN_RESULT)))
    before = metadata_on_hub(hub)["model-index"]
    later = bundle("later", seed=1)
    if not local:
        (later / "README.md").unlink()
    push(later, REPO, progress=listener)
    assert metadata_on_hub(hub)["model-index"] == before
    push(bundle("unmeasured", seed=2, report=False), REPO, progress=listener)
    assert metadata_on_hub(hub)["model-index"] == [{"name": REPO, "results": [OWN_RESULT]}]
    push(bundle("last", seed=3), REPO, progress=listener)
    assert metadata_on_hub(hub)["model-index"] == before
    assert listener.heard == []


def test_a_result_of_another_model_stays_under_the_name_of_that_model(hub: Hub, bundle: Make) -> None:
    theirs = {"name": "their-baseline", "results": [OWN_RESULT]}
    push(bundle(), REPO)
    edited_on_hub(hub, with_metadata(lambda metadata: metadata["model-index"].append(theirs)))
    before = metadata_on_hub(hub)["model-index"]
    push(bundle("later", seed=1), REPO)
    assert metadata_on_hub(hub)["model-index"] == before
    push(bundle("unmeasured", seed=2, report=False), REPO)
    assert metadata_on_hub(hub)["model-index"] == [theirs]
    push(bundle("last", seed=3), REPO)
    assert metadata_on_hub(hub)["model-index"] == before


@pytest.mark.parametrize(
    "own",
    [{"base_model": "hospital/first"}, {"base_model": "hospital/first", "base_model_relation": "adapter"}],
)
def test_a_base_model_added_on_the_hub_is_kept_where_histozoo_knows_none(
    hub: Hub, bundle: Make, own: dict[str, str]
) -> None:
    push(bundle(), REPO)
    edited_on_hub(hub, with_metadata(lambda metadata: metadata.update(own)))
    for seed in (1, 2):
        push(bundle(f"later-{seed}", seed=seed), REPO)
        assert own.items() <= metadata_on_hub(hub).items()


def test_a_license_name_added_on_the_hub_is_kept(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    edited_on_hub(hub, with_metadata(lambda metadata: metadata.update(license_name="ours")))
    push(bundle("later", seed=1), REPO)
    assert metadata_on_hub(hub)["license_name"] == "ours"


def test_a_result_in_the_folder_that_the_one_on_the_hub_replaces_is_told(hub: Hub, bundle: Make, listener: Any) -> None:
    push(bundle(), REPO)
    add = with_metadata(lambda metadata: metadata["model-index"][0]["results"].append(OWN_RESULT))
    edited_on_hub(hub, add)
    later = bundle("later", seed=1)
    text = (later / "README.md").read_text(encoding="utf-8")
    (later / "README.md").write_text(add(text), encoding="utf-8")
    push(later, REPO, progress=listener)
    assert listener.heard == []
    (later / "README.md").write_text(add(text).replace("Our slides", "Their slides"), encoding="utf-8")
    push(later, REPO, progress=listener)
    assert "that on the Hub is kept" in listener.heard[0]
    assert "Their slides" not in card_on_hub(hub)


def test_a_text_in_the_part_of_histozoo_stops_a_push_unless_the_card_is_to_be_new(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    edited_on_hub(hub, lambda text: text.replace("## Preprocessing", "Not at night.\n\n## Preprocessing"))
    before = len(hub.repositories[REPO].commits)
    with pytest.raises(CardError, match="edited within the part that histozoo writes") as caught:
        push(bundle("later", seed=1), REPO)
    assert caught.value.where == REPO
    assert len(hub.repositories[REPO].commits) == before
    push(bundle("last", seed=1), REPO, new_card=True)
    assert not own_parts(read_card(card_on_hub(hub), where=REPO))


def test_a_card_that_a_person_wrote_is_kept_above_the_part_of_histozoo(hub: Hub, bundle: Make, listener: Any) -> None:
    hub.repository(REPO).commit("by hand", {"README.md": b"# Mine\n"})
    push(bundle(), REPO, progress=listener)
    assert card_on_hub(hub).index("# Mine") < card_on_hub(hub).index("<!-- begin histozoo")
    assert "is added below it" in listener.heard[0]


def test_a_card_on_the_hub_that_is_not_text_is_replaced_only_if_asked(hub: Hub, bundle: Make) -> None:
    hub.repository(REPO).commit("by hand", {"README.md": b"\xff\xfe"})
    with pytest.raises(CardError, match="it is not UTF-8 text"):
        push(bundle(), REPO)
    push(bundle("other", seed=1), REPO, new_card=True)
    assert "| measure |" in card_on_hub(hub)


def test_an_unedited_card_on_the_hub_is_replaced_without_a_message(hub: Hub, bundle: Make, listener: Any) -> None:
    push(bundle(), REPO)
    later = bundle("later", seed=1, report=False)
    push(later, REPO, progress=listener)
    assert b"Not evaluated" in ours(hub)["README.md"]
    assert listener.heard == []


def test_a_text_added_to_the_card_in_the_folder_is_pushed(hub: Hub, bundle: Make, listener: Any) -> None:
    folder = bundle()
    text = (folder / "README.md").read_text(encoding="utf-8") + "\nOur own words.\n"
    (folder / "README.md").write_text(text, encoding="utf-8")
    push(folder, REPO, progress=listener)
    assert card_on_hub(hub).endswith("\nOur own words.\n")
    edited_on_hub(hub, lambda text: text.replace("own words", "better words"))
    push(folder, REPO, progress=listener)
    assert card_on_hub(hub).endswith("\nOur better words.\n")
    assert "that on the Hub is kept" in listener.heard[0]


def test_a_stated_license_is_on_the_card_of_this_push_and_of_later_ones(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO, license="CC-BY-4.0")
    assert read_card(card_on_hub(hub), where=REPO).metadata["license"] == "cc-by-4.0"
    push(bundle("later", seed=1), REPO)
    assert read_card(card_on_hub(hub), where=REPO).metadata["license"] == "cc-by-4.0"
    with pytest.raises(UnknownNameError, match="unknown license 'apache'") as caught:
        push(bundle("last", seed=2), REPO, license="apache")
    assert "did you mean apache-2.0?" in str(caught.value)


def test_a_push_to_a_branch_makes_it_and_leaves_main_alone(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    main = hub.repositories[REPO].head
    push(bundle("later", seed=1), REPO, revision="v2")
    repository = hub.repositories[REPO]
    assert repository.head == main
    assert repository.branches["v2"].files["model.safetensors"] != main.files["model.safetensors"]
    first = repository.branches["v2"]
    push(bundle("last", seed=2), REPO, revision="v2")
    assert repository.branches["v2"] != first
    assert (
        bytes_of(pull(REPO, revision="v2"))["model.safetensors"]
        == (repository.branches["v2"].files["model.safetensors"])
    )


def test_a_first_push_to_a_branch_creates_the_repository_and_the_branch(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO, revision="draft")
    assert "model.safetensors" not in ours(hub)
    assert "model.safetensors" in hub.repositories[REPO].branches["draft"].files


def test_a_tag_names_the_commit_of_a_push_and_is_never_moved(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO, tag="v1")
    repository = hub.repositories[REPO]
    assert repository.tags == {"v1": repository.head}
    with pytest.raises(HubError, match="the tag 'v1' exists already"):
        push(bundle("later", seed=1), REPO, tag="v1")
    assert repository.tags == {"v1": repository.head}


def test_a_pull_request_changes_no_branch_and_needs_no_write_access(hub: Hub, bundle: Make) -> None:
    theirs = hub.repository("hospital/tiny")
    address = push(bundle(), "hospital/tiny", create_pr=True)
    assert address == f"{hub.url}/hospital/tiny/discussions/1"
    assert "model.safetensors" not in theirs.head.files
    assert "model.safetensors" in theirs.branches["refs/pr/1"].files


def test_a_commit_is_no_branch_to_push_to(hub: Hub, bundle: Make) -> None:
    with pytest.raises(UsageError, match="a commit cannot be changed"):
        push(bundle(), REPO, revision="5" * 40)
    assert hub.requests == []


def test_a_plan_says_what_a_push_would_change_and_sends_nothing(hub: Hub, bundle: Make) -> None:
    first = bundle()
    plan = plan_push(first, REPO)
    assert plan.creates == "repository"
    assert {file.name: file.change for file in plan.files} == dict.fromkeys(named(first), "new")
    assert hub.repositories == {}
    push(first, REPO)
    assert {file.change for file in plan_push(first, REPO).files} == {"unchanged"}
    later = bundle("later", seed=1)
    (later / METRICS).unlink()
    plan = plan_push(later, REPO, revision="v2", license="mit")
    changes = {file.name: file.change for file in plan.files}
    assert (changes["model.safetensors"], changes["seen.json"], changes[METRICS]) == ("changed", "unchanged", "deleted")
    assert (plan.creates, plan.parent) == ("branch", hub.repositories[REPO].head.oid)
    assert "+license: mit\n" in plan.card_changes
    assert len(hub.repositories[REPO].commits) == 2
    assert not hub.asked("POST .*(branch|commit)/.*v2")


def test_a_commit_refused_by_the_hub_as_outdated_says_push_again(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    hub.fail("POST", "/commit/", 412, "A commit has happened since. Please refresh and try again.")
    with pytest.raises(HubError, match="the repository was changed during the push") as caught:
        push(bundle("later", seed=1), REPO)
    assert "push again" in str(caught.value)
    assert len(hub.repositories[REPO].commits) == 2


def test_a_commit_by_another_user_during_a_push_is_not_overwritten(
    hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(bundle(), REPO)
    preupload = hub.repositories[REPO].at

    def moving(revision: str) -> Any:
        if len(hub.asked("POST .*/preupload/")) == 2 and len(hub.repositories[REPO].commits) == 2:
            hub.repositories[REPO].commit("theirs", {"x.txt": b"x"})
        return preupload(revision)

    monkeypatch.setattr(hub.repositories[REPO], "at", moving)
    with pytest.raises(HubError, match="the repository was changed during the push"):
        push(bundle("later", seed=1), REPO)
    assert hub.repositories[REPO].head.message == "theirs"


def test_push_without_a_token_sends_no_request_and_says_how_to_log_in(
    hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="not logged in") as caught:
        push(bundle(), REPO)
    assert "hf auth login" in str(caught.value)
    assert hub.requests == []


def test_push_takes_a_token_as_an_argument(hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    push(bundle(), REPO, token="hf_ada")
    push(bundle("later", seed=1), REPO, token="hf_ada")  # the card on the Hub is read with this token too
    assert len(hub.repositories[REPO].commits) == 3


def test_push_with_a_stale_token_says_that_it_was_rejected(hub: Hub, bundle: Make) -> None:
    with pytest.raises(HubError, match="rejected the token"):
        push(bundle(), REPO, token="hf_stale")


@pytest.mark.parametrize("exists", [False, True])
def test_push_without_write_access_links_to_the_token_settings(hub: Hub, bundle: Make, exists: bool) -> None:
    if exists:
        hub.repository("hospital/tiny")
    with pytest.raises(HubError, match="the Hub denied access: You don't have the right") as caught:
        push(bundle(), "hospital/tiny")
    assert "settings/tokens" in str(caught.value)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/models/"), ("POST", "/repos/create"), ("POST", "/commit/"), ("PUT", "/lfs/")]
)
def test_a_server_error_during_a_push_changes_nothing(hub: Hub, bundle: Make, method: str, path: str) -> None:
    folder = bundle()
    before = bytes_of(folder)
    hub.fail(method, path, 500)
    with pytest.raises(HubError, match=r"server error \(status 500\)") as caught:
        push(folder, REPO)
    assert "status.huggingface.co" in str(caught.value)
    assert bytes_of(folder) == before
    assert all(len(repository.commits) == 1 for repository in hub.repositories.values())


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (403, "Private repository storage limit reached", "storage limit reached"),
        (402, "Payment required for private storage", "requires payment"),
        (413, "LFS pointer too large", "too large for the Hub"),
        (429, "", "too many requests"),
        (418, "I am a teapot", r"refused the request \(status 418\): I am a teapot"),
    ],
)
def test_a_refused_push_says_why(hub: Hub, bundle: Make, status: int, message: str, expected: str) -> None:
    hub.fail("POST", "/commit/", status, message)
    with pytest.raises(HubError, match=expected):
        push(bundle(), REPO)


def test_a_card_with_invalid_metadata_is_refused_before_anything_is_uploaded(hub: Hub, bundle: Make) -> None:
    hub.fail("POST", "/validate-yaml", 400, '"license" must be one of ...')
    with pytest.raises(HubError, match=r"Invalid metadata in README\.md"):
        push(bundle(), REPO)
    assert len(hub.repositories[REPO].commits) == 1


def test_push_to_an_unreachable_server_names_its_address(
    hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        push(bundle(), REPO)


def test_push_to_a_server_that_never_answers_times_out(hub: Hub, bundle: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_ETAG_TIMEOUT", 1.0)
    hub.stall("GET", "/api/models/")
    with pytest.raises(HubError, match="does not respond"):
        push(bundle(), REPO)


@pytest.mark.parametrize("name", ["not a name", "a/b/c", "ada/--", "../ada"])
def test_push_refuses_an_invalid_repository_name(hub: Hub, bundle: Make, name: str) -> None:
    with pytest.raises(HubError, match="not a valid repository name"):
        push(bundle(), name)


def test_damaged_weights_are_not_pushed(hub: Hub, bundle: Make) -> None:
    folder = bundle()
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"!")
    with pytest.raises(BundleError, match=r"model\.safetensors is missing, or not the file"):
        push(folder, REPO)
    assert hub.requests == []


def test_push_refuses_a_folder_without_a_bundle(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="not a bundle"):
        push(tmp_path, REPO)


@pytest.mark.parametrize("name", sorted({*FILES} - {BASELINE, CALIBRATION, NOVELTY}))
def test_a_link_is_never_followed_to_a_file_that_is_then_uploaded(
    hub: Hub, bundle: Make, tmp_path: Path, name: str
) -> None:
    folder = bundle()
    secret = tmp_path / "secret.txt"
    (folder / name).rename(secret)
    (folder / name).symlink_to(secret)
    with pytest.raises(BundleError, match="is a link, and links are not followed"):
        push(folder, REPO)
    assert hub.blobs == {}
    assert all(len(repository.commits) == 1 for repository in hub.repositories.values())


def test_a_pulled_bundle_whose_files_are_links_of_the_cache_is_pushed_again(hub: Hub, bundle: Make) -> None:
    push(bundle(), REPO)
    copy = pull(REPO)
    assert (copy / "model.safetensors").is_symlink()
    push(copy, "ada/copy")
    assert hub.repositories["ada/copy"].head.files.keys() == hub.repositories[REPO].head.files.keys()


@pytest.mark.parametrize("damage", ["{", "[1]", "{}", '{"measures": 3}', "\ud800"])
def test_push_refuses_damaged_metrics_before_any_request(hub: Hub, bundle: Make, damage: str) -> None:
    folder = bundle()
    (folder / METRICS).write_bytes(damage.encode("utf-8", errors="surrogatepass"))
    with pytest.raises(BundleError, match=r"metrics\.json"):
        push(folder, REPO)
    assert hub.requests == []


def test_push_and_pull_work_in_a_fresh_process_without_patches(hub: Hub, bundle: Make, tmp_path: Path) -> None:
    """The client reads its settings from the environment, as it does for users."""
    folder = bundle()
    program = (
        "import sys; from pathlib import Path; from zoo.hub import pull, push; "
        "push(Path(sys.argv[1]), sys.argv[2]); print(pull(sys.argv[2], into=Path(sys.argv[3])))"
    )
    copy = tmp_path / "copy"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", UPLOAD_WARNING, "-c", program, str(folder), REPO, str(copy)],
        env=clean | environment(hub.url, tmp_path / "another-home"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.stdout.strip() == str(copy)
    assert bytes_of(copy) == named(folder)


def test_the_address_of_a_repository_and_a_name_with_a_branch_are_targets_of_a_push(hub: Hub, bundle: Make) -> None:
    push(bundle(), f"https://huggingface.co/{REPO}")
    push(bundle("later", seed=1), f"{REPO}@v2")
    assert set(hub.repositories) == {REPO}
    assert set(hub.repositories[REPO].branches) == {"v2"}


def validation(hub: Hub, text: str) -> tuple[int, Any]:
    """What the Hub says of a card; `ModelCard.validate` of huggingface_hub 1 always asks the public one."""
    found = httpx.post(f"{hub.url}/api/validate-yaml", json={"repoType": "model", "content": text}, trust_env=False)
    return found.status_code, found.json()["errors"]


@pytest.mark.parametrize("card_of", ["the bundle", "a person"])
def test_a_pushed_card_passes_the_validation_of_the_hub(hub: Hub, bundle: Make, card_of: str) -> None:
    if card_of == "a person":
        hub.repository(REPO).commit("by hand", {"README.md": b"---\nlanguage: de\nlicense: other\n---\n# Mine\n"})
    push(bundle(), REPO)
    for text in (card_on_hub(hub), card_on_hub(hub).replace("license: other", "license: cc-by-4.0")):
        assert validation(hub, text) == (200, [])
    status, errors = validation(hub, f"---\nlicense: mine\n---\n{text.partition('---')[2].partition('---')[2]}")
    assert status == 400
    assert re.search(r"license.* must be one of", str(errors))


def test_a_large_upload_is_announced_with_its_size_and_its_rate_and_draws_no_bar_in_a_log(
    hub: Hub, bundle: Make, listener: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    enable_progress_bars()
    monkeypatch.setattr(import_module("zoo.hub.push"), "LARGE", 10_000)
    push(bundle(), REPO, progress=listener)
    first, last = listener.heard
    assert re.fullmatch(rf"uploading [\d.]+ [kM]B to {REPO}", first)
    assert re.fullmatch(r"uploaded in \d+\.\d s, [\d.]+ [kM]B/s", last)
    assert capfd.readouterr().err == ""
    assert not are_progress_bars_disabled()
    push(bundle("same"), REPO, progress=listener)
    assert len(listener.heard) == 2, "what is on the Hub is not sent again"
