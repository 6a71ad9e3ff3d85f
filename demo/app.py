"""The demo as a Hugging Face Space. On your own computer, `zoo demo` opens the same page."""

from pathlib import Path

from zoo_demo.space import run

if __name__ == "__main__":
    run(Path(__file__).parent)
