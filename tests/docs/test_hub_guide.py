"""docs/hub.md, and the entry for the Hub in docs/releasing.md, say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.guide import tables
from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import FILES
from zoo.bundle.card import card
from zoo.cli.commands.push import command
from zoo.registry import registry

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "hub.md").read_text(encoding="utf-8")


def test_every_file_of_a_bundle_is_in_the_table() -> None:
    assert [row[0].strip("`") for row in tables(DOCS / "hub.md", "The files of a bundle")] == list(FILES)


def test_every_option_of_zoo_push_is_documented() -> None:
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert {option for option in options - {"--json"} if option not in PAGE} == set()


def test_the_snippet_for_the_hub_is_that_of_the_card(config: BundleConfig) -> None:
    page = (DOCS / "releasing.md").read_text(encoding="utf-8")
    snippet = re.search(r"`# pip install histozoo\n(.*?)`", page, re.DOTALL)
    assert snippet is not None
    assert snippet[1].replace("${model.id}", "ada/tiny") in card(config, None, repo="ada/tiny")


def test_the_table_of_timm_names_every_network_that_timm_has() -> None:
    table = PAGE.partition("## With timm")[2].partition("##")[0]
    known = [architecture for architecture, _ in registry().architectures() if architecture.timm is not None]
    named = [architecture for architecture in known if architecture.standalone]
    assert {one.name for one in named if one.name not in table} == set()
