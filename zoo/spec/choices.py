"""The values that some options have: heads, precisions, layouts."""

from __future__ import annotations

from typing import Literal

Head = Literal["softmax", "sigmoid"]
"""`softmax`: one output for each class. `sigmoid`: one output for two classes, of which the second is positive."""

Precision = Literal["auto", "float32", "bfloat16"]
Layout = Literal["auto", "channels_last", "contiguous"]
Choice = Literal["auto", "yes", "no"]

Fit = Literal["squash", "crop"]
"""How an image with another aspect ratio is resized: stretched, or scaled and cropped to the center."""
