"""Write the files generated from the settings: `python -m zoo.config`; --check only lists outdated files."""

from __future__ import annotations

import sys

from zoo.config.generated import generated_files


def main(arguments: list[str]) -> int:
    """Write the files that are out of date; with --check, list them and return 1 if there are any."""
    changed = [path for path, text in generated_files() if path.read_text(encoding="utf-8") != text]
    if arguments == ["--check"]:
        for path in changed:
            sys.stderr.write(f"{path} is out of date: run python -m zoo.config\n")
        return 1 if changed else 0
    for path, text in generated_files():
        if path in changed:
            path.write_text(text, encoding="utf-8", newline="\n")
            sys.stderr.write(f"written: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
