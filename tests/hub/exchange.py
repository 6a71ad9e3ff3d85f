"""The requests of a push and of a pull in docs/hub-faults.md, in order and with their sizes, as a Hub receives them.

Run `python -m tests.hub.exchange` to write them again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.hub.fake_hub import Exchange
from tests.hub.fault_table import PAGE, REPO, run, workplace

OF_THE_CLIENT = "/api/agent-harnesses"
"""What the client asks once if a program rather than a person runs it."""
BEGIN, END = "<!-- python -m tests.hub.exchange -->", "<!-- end of exchange -->"


def recorded() -> dict[str, Sequence[Exchange]]:
    """Return what a push, a pull of the model, and a second pull exchange with the Hub."""
    found: dict[str, Sequence[Exchange]] = {}
    with workplace() as hub:
        commands = {
            f"zoo push RUN {REPO}": ["push", "OLD", REPO],
            f"zoo pull {REPO}": ["pull", REPO],
            f"zoo pull {REPO}, once more": ["pull", REPO],
        }
        for title, words in commands.items():
            hub.exchange.clear()
            assert run(words)[0] == 0
            found[title] = [row for row in hub.exchange if OF_THE_CLIENT not in row.request]
    return found


def shown(request: str) -> str:
    """Return a request with names in place of what differs from model to model."""
    request = re.sub(r"/lfs/[0-9a-f]{64}", "/lfs/SHA256", request)
    return re.sub(r"[0-9a-f]{40}", "COMMIT", request)


def section(exchanges: dict[str, Sequence[Exchange]]) -> str:
    """Return the tables."""
    parts = []
    for title, rows in exchanges.items():
        lines = [f"| `{shown(row.request)}` | {row.sent:,} | {row.status} | {row.received:,} |" for row in rows]
        head = ["| request | bytes sent | status | bytes received |", "| --- | ---: | --- | ---: |"]
        parts.append("\n".join([f"`{title}`:", "", *head, *lines]))
    return "\n\n".join(parts)


def written() -> list[str]:
    """Return the requests in the documentation."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    return re.findall(r"^\| `(\S+ \S+)` \|", text, re.MULTILINE)


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    text = f"{before}{BEGIN}\n\n{section(recorded())}\n\n{END}{rest.partition(END)[2]}"
    PAGE.write_text(text, encoding="utf-8")
