"""Pictures inside the page itself: nothing is written to a disk to show them."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

from PIL import Image

from zoo.explain import RAMP


def data_uri(picture: Image.Image) -> str:
    """A picture as an address that holds it."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=90, subsampling=0)
    return f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"


def ramp() -> str:
    """The heat map's colours as a CSS gradient."""
    steps = ", ".join(f"rgb({red:.0f} {green:.0f} {blue:.0f})" for red, green, blue in RAMP)
    return f"linear-gradient(to right, {steps})"
