"""`python -m zoo.grid GRID CELL`: one cell's process."""

import sys

from zoo.grid.worker import main
from zoo.process import collect_garbage_rarely, exit_without_teardown


def run() -> None:
    """To its status."""
    sys.exit(main(*sys.argv[1:]))


if __name__ == "__main__":
    collect_garbage_rarely()
    exit_without_teardown(run)
