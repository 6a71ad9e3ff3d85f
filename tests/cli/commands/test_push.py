from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import one_document
from tests.hub.fake_hub import TOKEN, UPLOAD_WARNING, Hub
from tests.installed_packages import Answer
from zoo.runs import Run

REPO = "ada/tiles"
Command = Callable[..., Answer]
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


def test_zoo_push_publishes_a_run_with_branch_tag_license_and_message_and_says_how_to_use_it(
    run: Command, hub: Hub, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    options = ("--private", "--revision", "draft", "--tag", "v1", "--license", "mit", "--message", "first")
    answer = run("push", str(trained), REPO, *options, "--token", TOKEN)
    assert answer.status == 0, answer.err
    repository = hub.repositories[REPO]
    assert repository.private
    assert repository.tags["v1"] == repository.branches["draft"]
    assert repository.tags["v1"].message.startswith("first")
    assert b"license: mit" in repository.tags["v1"].files["README.md"]
    assert f'zoo.from_pretrained("{REPO}@v1")' in answer.out


def test_zoo_push_dry_run_lists_the_files_with_their_sizes_and_the_changes_in_the_card_and_sends_nothing(
    run: Command, hub: Hub, trained: Run
) -> None:
    answer = run("push", str(trained), REPO, "--dry-run")
    assert answer.status == 0, answer.err
    assert f"to {REPO}; the repository would be created" in answer.out
    assert "model.safetensors" in answer.out
    assert "nothing was sent" in answer.out
    assert hub.repositories == {}
    assert run("push", str(trained), REPO).status == 0
    again: Any = one_document(run("push", str(trained), REPO, "--dry-run", "--license", "mit", "--json"))
    changes = {file["name"]: file["change"] for file in again["files"]}
    assert (changes["model.safetensors"], changes["README.md"]) == ("unchanged", "changed")
    assert [line for line in again["card_changes"].splitlines() if line.startswith("+license")] == ["+license: mit"]


def test_zoo_push_of_a_misspelt_license_names_the_closest(run: Command, hub: Hub, trained: Run) -> None:
    answer = run("push", str(trained), REPO, "--license", "apache2.0")
    assert answer.status == 1
    assert "did you mean apache-2.0?" in answer.err
    assert hub.requests == []


@pytest.mark.parametrize(
    ("repo", "options", "name", "on_card"),
    [
        (REPO, ["--revision", "dev"], f"{REPO}@dev", f"{REPO}@dev"),
        (f"{REPO}@dev", [], f"{REPO}@dev", f"{REPO}@dev"),
        (f"{REPO}@dev", ["--tag", "v1"], f"{REPO}@v1", f"{REPO}@dev"),
        (f"https://huggingface.co/{REPO}", ["--tag", "v1"], f"{REPO}@v1", REPO),
        (REPO, ["--revision", "main"], f"{REPO}@main", REPO),
    ],
)
def test_the_name_that_is_printed_and_the_one_on_the_card_load_what_was_pushed(
    run: Command, hub: Hub, trained: Run, repo: str, options: list[str], name: str, on_card: str
) -> None:
    answer = run("push", str(trained), repo, *options)
    assert answer.status == 0, answer.err
    assert f'zoo.from_pretrained("{name}")' in answer.out
    assert f"zoo predict {name} tile.png" in answer.out
    repository = hub.repositories[REPO]
    card = repository.branches.get("dev", repository.head).files["README.md"].decode()
    assert f'zoo.from_pretrained("{on_card}")' in card
    assert f"zoo predict {on_card} tile.png" in card
    assert f"zoo export {on_card} -o" in card
    for one in (name, on_card):
        assert run("verify", one).status == 0
    told: Any = one_document(run("push", str(trained), repo, "--json"))
    assert told["repo"] == REPO
