"""`python -m zoo.grid GRID CELL`: the process that trains one cell of a grid."""

import sys

from zoo.cores import share_cores
from zoo.grid.worker import main
from zoo.process import collect_garbage_rarely, exit_without_teardown
from zoo.spinning import sleep_beside_others


def run() -> None:
    """Train the cell named on the command line, and exit with its status."""
    sys.exit(main(*sys.argv[1:]))


if __name__ == "__main__":
    share_cores()
    sleep_beside_others()
    collect_garbage_rarely()
    exit_without_teardown(run)
