"""IDC: breast tissue in 50x50 patches, with and without invasive ductal carcinoma; a data source as a plugin."""

from __future__ import annotations

from collections.abc import Callable

import zoo
from zoo.spec import Source

IDC = Source(
    name="idc",
    read="zoo_idc.source:read",
    recognize="zoo_idc.source:recognize",
    summary="breast tissue in 50x50 patches, with and without invasive ductal carcinoma",
    license="see the data set's page",
    home="https://www.kaggle.com/datasets/paultimothymooney/breast-histopathology-images",
    size="277,524 patches of 279 patients",
)


@zoo.hookimpl
def zoo_register_sources(register: Callable[[Source], None]) -> None:
    """Register the source."""
    register(IDC)
