from __future__ import annotations

import pytest

from zoo.errors import UsageError
from zoo.hub.hub_name import HubName, at_revision, hub_name, read_hub_name

ADA = "https://huggingface.co/ada/tiny"


@pytest.mark.parametrize(
    ("text", "revision"),
    [
        ("ada/tiny", None),
        ("ada/tiny@v1", "v1"),
        ("ada/tiny@refs/pr/1", "refs/pr/1"),
        (ADA, None),
        (f"{ADA}/", None),
        (f"{ADA}?library=histozoo#usage", None),
        (f"{ADA}/tree/v1", "v1"),
        (f"{ADA}/tree/main/deep", "main"),
        (f"{ADA}/blob/v1/README.md", "v1"),
        (f"{ADA}/resolve/v1/config.json?download=true", "v1"),
        (f"{ADA}/commit/{'5' * 40}", "5" * 40),
        (f"{ADA}/tree/refs%2Fpr%2F1", "refs/pr/1"),
        (f"{ADA}/discussions/3", None),
        ("http://huggingface.co/ada/tiny", None),
        ("huggingface.co/ada/tiny/tree/v1", "v1"),
        ("hf.co/ada/tiny", None),
        ("hf://ada/tiny@v1", "v1"),
        ("hf-hub:ada/tiny@v1", "v1"),
    ],
)
def test_a_name_with_a_revision_and_a_pasted_address_are_understood(text: str, revision: str | None) -> None:
    assert read_hub_name(text) == HubName(repo="ada/tiny", revision=revision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada/tiny@",
        "ada/tiny@a b",
        "ada/tiny@-x",
        "ada/tiny/deep",
        "./runs/x",
        "https://huggingface.co/datasets/ada/tiny",
        "https://huggingface.co/spaces/ada/tiny",
        "https://huggingface.co/ada",
        "https://github.com/ada/tiny",
        "https://[",
    ],
)
def test_what_is_no_model_on_the_hub_is_not_taken_for_one(text: str) -> None:
    assert read_hub_name(text) is None


def test_the_address_of_ones_own_hub_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.hospital:8080")
    assert read_hub_name("http://hub.hospital:8080/ada/tiny/tree/v1") == HubName(repo="ada/tiny", revision="v1")


def test_a_revision_is_given_once() -> None:
    assert hub_name("ada/tiny", revision="v1") == hub_name("ada/tiny@v1", revision="v1")
    with pytest.raises(UsageError, match="two revisions are given: 'v1' and 'v2'"):
        hub_name("ada/tiny@v1", revision="v2")


def test_a_revision_of_a_command_is_about_its_only_model_on_the_hub() -> None:
    assert at_revision(["/", "ada/tiny"], "v1") == ["/", "ada/tiny@v1"]
    assert at_revision(["ada/tiny", "ada/other"], None) == ["ada/tiny", "ada/other"]
    for models, count in ((["ada/tiny", "ada/other"], "2 such models"), (["/"], "0 such models")):
        with pytest.raises(UsageError, match=f"{count} named"):
            at_revision(models, "v1")
