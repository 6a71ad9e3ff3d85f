from __future__ import annotations

from pathlib import Path

import pytest

from tests.installed_packages import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A folder of installed packages."""
    return Site(tmp_path / "site")
