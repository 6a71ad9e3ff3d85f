"""What the server accepts, and for how long it keeps it. The page states the limits that a visitor can meet."""

from __future__ import annotations

MAX_FILE_MB = 20
"""The largest file that can be uploaded, in MB (2^20 bytes)."""
MAX_PIXELS = 25_000_000
"""The largest tile, such as 5,000 x 5,000 pixels. A small file can decode to a huge image."""
MAX_TOTAL_MB = 500
"""How much all uploads may take together, in MB. More are refused until old ones are deleted."""
CHECK_SECONDS, KEEP_SECONDS = 300, 3600
"""How often old uploads are looked for, and how long an upload is kept."""
MAX_WAITING = 32
"""How many requests may wait for the models. More are refused."""

STATED = f"up to {MAX_FILE_MB} MB and {MAX_PIXELS // 1_000_000} megapixels"
"""What the page says of the limits of a tile."""
