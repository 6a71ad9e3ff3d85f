"""The methods of computing heat maps, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "grad-cam": "Grad-CAM",
        "dt-gradcam": "DT Grad-CAM",
        "dt-gradcam-mean": "DT Grad-CAM, mean + sd",
        "dt-gradcam-quantile": "DT Grad-CAM, upper fifth",
    }
)
"""Every method of `Classifier.explain`, with its title.

The paper of DT Grad-CAM does not define its threshold: Otsu's is our reading, and the other two are alternatives.
"""
