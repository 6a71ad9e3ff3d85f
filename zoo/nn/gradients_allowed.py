"""Gradients wherever the caller is."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def gradients_allowed() -> AbstractContextManager[None]:
    """Record gradients inside the block, also within a caller's `torch.no_grad` or `torch.inference_mode`.

    A tensor that is made in inference mode, such as the weights of a network, has no gradients ever after.
    """
    return torch.inference_mode(mode=False)
