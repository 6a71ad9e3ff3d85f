from __future__ import annotations

import os

import pytest

from tests.hub.fake_hub import UPLOAD_WARNING
from tests.hub.fault_table import tables, written


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings(UPLOAD_WARNING)
def test_the_documented_table_of_faults_is_what_happens() -> None:
    """If this fails, look at what changed, and write it with python -m tests.hub.fault_table."""
    assert tables().splitlines() == written().splitlines()
    assert "FAILS" not in written()
