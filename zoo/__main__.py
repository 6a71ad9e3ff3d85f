"""`python -m zoo`."""

from zoo.cli import run

if __name__ == "__main__":
    run()
