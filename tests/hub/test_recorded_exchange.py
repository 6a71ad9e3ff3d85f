from __future__ import annotations

import pytest

from tests.hub.exchange import recorded, shown, written
from tests.hub.fake_hub import UPLOAD_WARNING


@pytest.mark.filterwarnings(UPLOAD_WARNING)
def test_the_documented_requests_of_a_push_and_a_pull_are_those_that_are_sent() -> None:
    """If this fails, look at what changed, and write it with python -m tests.hub.exchange."""
    requests = [shown(row.request) for rows in recorded().values() for row in rows]
    uploads = [request for request in requests if request.startswith("PUT")]
    assert len(uploads) == 2
    assert sorted(requests) == sorted(written())  # the uploads are sent by several threads
    assert requests[-1] == "GET /api/models/ada/tiny", "a second pull asks one question"
