"""Errors and delays in the code of plugins."""

from __future__ import annotations

import io
from threading import Event

import pytest

from zoo import plugin_code
from zoo.errors import DataError, PluginError
from zoo.plugin_code import describe_error, notice_if_slow


class Notices(io.StringIO):
    """Standard error that tells when something is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        self.written.set()
        return count


def test_a_plugin_that_takes_long_is_named_on_standard_error_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    notices = Notices()
    monkeypatch.setattr(plugin_code.sys, "stderr", notices)
    monkeypatch.setattr(plugin_code, "SLOW_SECONDS", 0.01)
    with notice_if_slow("loading the plugin slow (slow 1.0)", hint="press Ctrl-C"):
        assert notices.written.wait(30)
    assert notices.getvalue() == "still loading the plugin slow (slow 1.0) after 0.01 s; press Ctrl-C\n"


def test_a_plugin_that_loads_at_once_is_not_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plugin_code, "SLOW_SECONDS", 3600)
    with notice_if_slow("loading", hint="press Ctrl-C"):
        pass
    assert capsys.readouterr().err == ""


def raised(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_error_is_described_with_the_innermost_line_of_the_package() -> None:
    text = describe_error(raised(KeyError("later")), package=__name__)
    assert text.startswith(__file__ + ":")
    assert text.endswith(": KeyError: 'later'")


def test_an_error_outside_of_the_package_is_described_without_a_line() -> None:
    assert describe_error(raised(KeyError("later")), package="another.module") == "KeyError: 'later'"


def test_one_of_our_errors_keeps_its_own_place_and_hint() -> None:
    error = DataError("is empty", where="a.csv", hint="add rows")
    assert describe_error(raised(error), package=__name__) == "a.csv: is empty\n  add rows"
    assert describe_error(raised(PluginError("wrong")), package=__name__).endswith(": wrong")
