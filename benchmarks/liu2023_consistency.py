"""What the results in table 5 of Liu (2023) imply about its test part.

    python benchmarks/liu2023_consistency.py

Of all test images, let x be benign and right, y malignant and right, and b the share of benign ones, the rarer class.
Then accuracy = x + y and F1 = 2 x / (1 + x - y), so that the two printed figures fix x and y. The rates at which
benign and malignant images are right, x / b and y / (1 - b), cannot exceed 1: a cell is impossible at a share b if
one of them does, wherever the unrounded figures lie. The G-mean, the root of the product of the two rates, fixes b.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from itertools import product
from statistics import median

from zoo.registry import registry

IMAGES = {"40x": (625, 1370), "100x": (644, 1437), "200x": (623, 1390), "400x": (588, 1232)}
"""Benign and malignant images of BreakHis (Spanhol 2016)."""
ROUNDING = 0.0005
"""The table prints three digits."""
STEPS = 20_000


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One model at one magnification, as printed."""

    model: str
    magnification: str
    accuracy: float
    f1: float
    """Of the rarer class, benign."""
    f1_weighted: float
    gmean: float

    @property
    def share(self) -> float:
        """The share of benign images in BreakHis."""
        benign, malignant = IMAGES[self.magnification]
        return benign / (benign + malignant)

    @property
    def malignant_rate(self) -> float:
        """The rate at which malignant images are right at BreakHis' share, from the printed figures."""
        _, malignant = right_shares(self.accuracy, self.f1)
        return malignant / (1 - self.share)

    def is_impossible(self) -> bool:
        """Return whether no unrounded figures give rates of at most 1 at BreakHis' share."""
        corners = product(
            (self.accuracy - ROUNDING, self.accuracy + ROUNDING), (self.f1 - ROUNDING, self.f1 + ROUNDING)
        )
        shares = [right_shares(*corner) for corner in corners]
        return min(y for _, y in shares) > 1 - self.share or min(x for x, _ in shares) > self.share

    def fitting_share(self) -> float | None:
        """Return the share of benign images at which accuracy, F1 and G-mean fit; None if there is none."""
        x, y = right_shares(self.accuracy, self.f1)
        low, high = x, 1 - y
        shares = [low + (high - low) * step / STEPS for step in range(1, STEPS)]
        best = min(shares, key=lambda share: abs(math.sqrt(x / share * y / (1 - share)) - self.gmean))
        return best if abs(math.sqrt(x / best * y / (1 - best)) - self.gmean) <= 2 * ROUNDING else None

    def highest_weighted_f1(self) -> float:
        """Return the highest mean of the F1 of both classes, at any share, which lies below the higher of the two."""
        corners = product(
            (self.accuracy - ROUNDING, self.accuracy + ROUNDING), (self.f1 - ROUNDING, self.f1 + ROUNDING)
        )
        return max(max(f1, other_f1(accuracy, f1)) for accuracy, f1 in corners)


def right_shares(accuracy: float, f1: float) -> tuple[float, float]:
    """Return the shares of all images that are benign and right, and malignant and right."""
    benign = f1 * (1 - accuracy) / (2 * (1 - f1))
    return benign, accuracy - benign


def other_f1(accuracy: float, f1: float) -> float:
    """Return the F1 of the malignant class: twice the right ones by the right ones counted twice and all wrong ones."""
    _, malignant = right_shares(accuracy, f1)
    return 2 * malignant / (2 * malignant + 1 - accuracy)


def cells() -> list[Cell]:
    """Return the 40 cells: the claims of the registry's rows."""
    found = []
    for model, entry in registry().catalog.models.items():
        for data, claims in entry.claims.items():
            if "gmean" in claims:
                found.append(
                    Cell(
                        model=model,
                        magnification=data.removeprefix("breakhis "),
                        accuracy=claims["accuracy"],
                        f1=claims["f1_minority"],
                        f1_weighted=claims["f1_weighted"],
                        gmean=claims["gmean"],
                    )
                )
    return found


def main() -> None:
    """Print what each cell implies."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    table = cells()
    for cell in table:
        fitting = cell.fitting_share()
        print(
            f"{cell.model:15} {cell.magnification:>4}  malignant rate {cell.malignant_rate:.3f} "
            f"at {cell.share:.1%} benign{'  IMPOSSIBLE' if cell.is_impossible() else '':12}"
            f"  fits {'no share' if fitting is None else f'{fitting:.1%} benign'}"
            + ("  WEIGHTED F1 TOO HIGH" if cell.f1_weighted - ROUNDING > cell.highest_weighted_f1() else "")
        )
    shares = [share for cell in table if (share := cell.fitting_share()) is not None]
    print(
        f"{sum(cell.is_impossible() for cell in table)} of {len(table)} cells are impossible at BreakHis' share; "
        f"{len(shares)} fit a share, from {min(shares):.1%} to {max(shares):.1%}, median {median(shares):.1%}"
    )


if __name__ == "__main__":
    main()
