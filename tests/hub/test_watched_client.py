from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from time import time
from typing import Any

import pytest
from huggingface_hub import close_session, get_session, set_client_factory
from huggingface_hub.utils import _http

from tests.hub.fake_hub import Hub
from zoo.errors import HubError, UsageError
from zoo.hub.hub_errors import hub_errors
from zoo.hub.wait_time import wait_time
from zoo.hub.watched_client import http_errors


def test_what_another_thread_asks_the_hub_meanwhile_is_left_alone(hub: Hub) -> None:
    """Other users of the client in the same process wait as the client does."""
    hub.fail("GET", "/busy", 429)
    hub.repository("ada/tiny")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(threading.get_ident).result()  # starts the thread
        with hub_errors("ada/tiny") as requests:
            answer = pool.submit(lambda: get_session().get(f"{hub.url}/busy")).result()
            get_session().get(f"{hub.url}/api/models/ada/tiny")
    assert answer.status_code == 429
    assert requests.sent == ["GET /api/models/ada/tiny"]


def test_a_client_of_the_users_own_is_watched_too_and_kept(hub: Hub) -> None:
    """Some networks need a client with their own certificates or headers."""
    before = _http._GLOBAL_CLIENT_FACTORY

    def own() -> Any:
        return http_errors().Client(headers={"X-Hospital": "ours"})

    set_client_factory(own)
    try:
        hub.fail("GET", "/busy", 429, headers={"Retry-After": "5"})
        with pytest.raises(HubError, match="it asks to wait 5 seconds"), hub_errors("ada/tiny"):
            get_session().get(f"{hub.url}/busy")
        assert get_session().headers["X-Hospital"] == "ours"
        with pytest.raises(HubError, match="too many requests"), hub_errors("ada/tiny"):
            get_session().get(f"{hub.url}/busy")
    finally:
        set_client_factory(before)


def test_a_client_made_after_a_lost_connection_is_watched_too(hub: Hub) -> None:
    hub.fail("GET", "/busy", 429)

    def lose_and_ask() -> None:
        close_session()  # as the client does after a connection error
        get_session().get(f"{hub.url}/busy")

    with pytest.raises(HubError, match="too many requests"), hub_errors("ada/tiny"):
        lose_and_ask()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, ""),
        ({"Retry-After": "1"}, "1 second"),
        ({"Retry-After": "119"}, "119 seconds"),
        ({"Retry-After": "120"}, "2 minutes"),
        ({"Retry-After": "7201"}, "3 hours"),
        ({"Retry-After": "99999999"}, "more than a day"),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, "0 seconds"),
        ({"Retry-After": "9" * 5000}, ""),
        ({"Retry-After": "soon \x1b[31m"}, ""),
        ({"RateLimit": '"api";r=0;t=55'}, "55 seconds"),
        ({"RateLimit": '"api";r=3;t=55'}, ""),
    ],
)
def test_the_time_to_wait_is_told_in_words_and_nothing_else_of_the_header(
    headers: dict[str, str], expected: str
) -> None:
    assert wait_time(headers) == (f"; it asks to wait {expected}" if expected else "")


def test_the_time_to_wait_may_be_given_as_a_date() -> None:
    assert wait_time({"Retry-After": formatdate(time() + 3630)}) == "; it asks to wait 61 minutes"


@pytest.mark.parametrize("value", ["soon", "-1", "0", "nan", "inf", "1e9"])
def test_a_limit_that_is_no_number_of_seconds_is_an_error(
    hub: Hub, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_HUB_SILENCE", value)
    with pytest.raises(UsageError, match="ZOO_HUB_SILENCE must be a number of seconds"), hub_errors("ada/tiny"):
        pass
