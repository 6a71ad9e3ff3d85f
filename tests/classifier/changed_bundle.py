"""A bundle whose weights or configuration were changed, as those of other people may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from zoo.bundle.bundle_files import CONFIG, WEIGHTS
from zoo.files import sha256


def change_bundle(
    bundle: Path, *, tensors: dict[str, torch.Tensor] | None = None, raw: bytes | None = None, **config: Any
) -> Path:
    """Change a bundle; the checksum of its weights fits unless it is what is changed."""
    if tensors is not None:
        save_file(tensors, bundle / WEIGHTS)
    if raw is not None:
        (bundle / WEIGHTS).write_bytes(raw)
    document = json.loads((bundle / CONFIG).read_text())
    document["weights"]["sha256"] = sha256(bundle / WEIGHTS)
    document.update(config)
    (bundle / CONFIG).write_text(json.dumps(document))
    return bundle
