from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Command, one_document
from tests.installed_packages import Site


@pytest.fixture
def rows(run: Command) -> dict[str, dict[str, Any]]:
    listed: Any = one_document(run("data", "list", "--json"))
    return {row["name"]: row for row in listed}


def test_every_data_source_has_summary_license_and_how_to_get_it(rows: dict[str, dict[str, Any]]) -> None:
    assert {"sample", "breakhis", "folder"} <= set(rows)
    for row in rows.values():
        assert row["summary"]
        assert row["license"]
        assert row["how_to_get"]


def test_how_to_get_the_data_is_listed_for_each_kind_of_source(rows: dict[str, dict[str, Any]]) -> None:
    breakhis = rows["breakhis"]
    assert breakhis["how_to_get"] == "zoo data fetch breakhis"
    assert breakhis["archive"].endswith("/BreaKHis_v1.tar.gz")
    assert "CC-BY-4.0" in breakhis["license"]
    assert "7,909 images" in breakhis["size"]
    assert rows["sample"]["how_to_get"].startswith("nothing to do")
    assert rows["sample"]["synthetic"]
    assert rows["folder"]["how_to_get"] == "your own data: --root PATH"


def test_zoo_data_list_prints_commands_and_licenses(run: Command) -> None:
    said = run("data", "list").out
    assert "zoo data fetch breakhis" in said
    assert "CC0-1.0" in said


def test_zoo_data_list_prints_the_options_of_a_source(run: Command) -> None:
    said = run("data", "list", "breakhis").out
    assert "magnification = all (one of 40, 100, 200, 400, all): use the images of one magnification" in said
    assert "zoo data fetch breakhis" in said
    assert "lung" not in said
    assert "did you mean breakhis?" in run("data", "list", "brekhis").err
    found: Any = one_document(run("data", "list", "breakhis", "--json"))
    assert [row["name"] for row in found] == ["breakhis"]


def test_the_sample_is_listed_first_and_the_others_by_name(rows: dict[str, dict[str, Any]]) -> None:
    assert list(rows) == ["sample", *sorted(set(rows) - {"sample"})]


def test_the_help_of_options_says_where_they_are_listed(run: Command) -> None:
    assert "`zoo data list NAME`" in " ".join(run("train", "--help").out.split())


def test_a_source_of_another_package_is_listed_with_its_home_page(site: Site) -> None:
    code = """
    from zoo import hookimpl
    from zoo.spec import Source

    @hookimpl
    def zoo_register_sources(register):
        register(Source(name="moles", read="moles:read", summary="moles", home="https://example.org/moles"))
    """
    site.install("moles", code)
    row = next(row for row in site.zoo("data", "list", "--json").json if row["name"] == "moles")
    assert row["plugin"] == "moles"
    assert row["license"] == "unknown"
    assert row["how_to_get"] == "download from https://example.org/moles, then --root PATH"


@pytest.mark.parametrize("words", [("data",), ("data", "--help")])
def test_zoo_data_without_a_command_lists_its_commands(words: tuple[str, ...], run: Command) -> None:
    answer = run(*words)
    said = answer.out + answer.err
    assert "list the data sources" in said
    assert "download a public data set" in said


def test_a_misspelt_data_command_suggests_the_nearest(run: Command) -> None:
    answer = run("data", "fech")
    assert answer.status == 2
    assert "unknown command 'fech'; did you mean fetch?" in answer.err
