"""`python -m zoo.grid GRID CELL`: one cell's process."""

import sys

from zoo.grid.child import main

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
