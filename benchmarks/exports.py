"""Export every entry of the registry to every format, with fresh weights and at its own image size.

    python benchmarks/exports.py [NAME...]

Prints the table of docs/exporting.md: the largest differences of each file from its model, on the saved images and in
batches of 1, 2 and 7. An entry that cannot be exported is a row with its error.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

import zoo
from zoo.exporting import EXPORTERS


def main() -> None:
    """Print one row for each entry, as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", default=zoo.list_models(), help="all if none is given")
    given = parser.parse_args()
    print("| entry | image | format | size | largest difference of a logit | of a probability |")
    print("|---|---|---|--:|--:|--:|", flush=True)
    for name in given.names:
        with TemporaryDirectory() as folder:
            torch.manual_seed(0)
            model = zoo.create_model(name)
            size = model.config.preprocessing
            bundle = model.save(Path(folder) / "bundle")
            for exporter in EXPORTERS:
                print(
                    f"| {name} | {size.height}x{size.width} | {exporter.title} | {row(bundle, exporter.suffix)} |",
                    flush=True,
                )


def row(bundle: Path, suffix: str) -> str:
    """Return the cells of one export."""
    try:
        exported = zoo.export(bundle, bundle.with_suffix(suffix), progress=False)
    except zoo.ZooError as error:
        return f"{' '.join(error.message.split())[:200]} | | "
    difference = exported.largest_difference
    exported.path.unlink()
    return f"{exported.size / 1e6:.1f} MB | {difference.logits:.0e} | {difference.probabilities:.0e}"


if __name__ == "__main__":
    main()
