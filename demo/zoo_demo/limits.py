"""What the server accepts, and for how long it keeps it. The page states the limits that a visitor can meet."""

from __future__ import annotations

MAX_FILE_MB = 20
"""The largest file that can be uploaded, in MB (2^20 bytes)."""
MAX_REQUEST_MB = 200
"""How much can be uploaded at once, in several files."""
MAX_PIXELS = 25_000_000
"""The largest tile, such as 5,000 x 5,000 pixels. A small file can decode to a huge image."""
MAX_TOTAL_MB, MAX_MB_PER_VISITOR = 500, 200
"""How much the uploads may take, in MB: all together, and those of one visitor. More are refused until old ones are
deleted."""
CHECK_SECONDS, KEEP_SECONDS = 300, 3600
"""How often old uploads are looked for, and how long an upload is kept."""
MAX_BATCH = 100
"""How many images can be predicted at once, as a table."""
MAX_WAITING, MAX_WAITING_PER_VISITOR = 32, 8
"""How many requests may wait for the models: of all visitors, and of one, together with the one that is worked on. More
are refused. A visitor is an address; a visitor of the page alone never has more than three."""

STATED = f"up to {MAX_FILE_MB} MB and {MAX_PIXELS // 1_000_000} megapixels"
"""What the page says of the limits of a tile."""
