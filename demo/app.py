"""The demo as a Hugging Face Space; at home, `zoo demo` opens the same page."""

from zoo_demo.space import run

if __name__ == "__main__":
    run()
