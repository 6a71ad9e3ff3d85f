"""The methods of computing heat maps, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

METHODS: Mapping[str, str] = MappingProxyType({"grad-cam": "Grad-CAM", "dt-gradcam": "DT Grad-CAM"})
"""Every method of `Classifier.explain`, with its title."""
