"""Take hostile bundles through every door, and print a table: `python -m tests.fuzz --bundles 5000 --seed 0`."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.campaign import FAULTS, Outcome, campaign

INTERIM = 500
"""After so many bundles, the table so far is printed."""


def main() -> int:
    """Print what all bundles did, faults at once; return 1 if there were any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    with TemporaryDirectory() as folder:
        outcomes = []
        for outcome in campaign(Path(folder), bundles=options.bundles, seed=options.seed):
            outcomes.append(outcome)
            if outcome.faults:
                faults = "; ".join(outcome.faults)
                print(f"{outcome.number}: {outcome.what}: {faults}", file=sys.stderr, flush=True)  # noqa: T201
            if outcome.number % INTERIM == 0 and 0 < outcome.number < options.bundles:
                _print_table(outcomes)
    _print_table(outcomes)
    return 1 if any(outcome.faults for outcome in outcomes) else 0


def _print_table(outcomes: list[Outcome]) -> None:
    """Print a row for each kind of attack, and the faults below."""
    print(f"\nafter {len(outcomes) - 1:,} hostile bundles and the sound one:\n")  # noqa: T201
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.kind].append(outcome)
    print("| attack | bundles | refused | taken as sound | faults |\n|---|---|---|---|---|")  # noqa: T201
    for kind, found in [*sorted(by_kind.items()), ("all", outcomes)]:
        refused, faults = sum(one.refused for one in found), sum(bool(one.faults) for one in found)
        print(f"| {kind} | {len(found):,} | {refused:,} | {len(found) - refused:,} | {faults:,} |")  # noqa: T201
    counted = Counter(fault for outcome in outcomes for fault in outcome.kinds_of_faults)
    print("\n| fault | bundles |\n|---|---|")  # noqa: T201
    for fault in FAULTS:
        print(f"| {fault} | {counted[fault]:,} |")  # noqa: T201
    slowest = max(outcomes, key=lambda one: one.seconds)
    largest = max(outcomes, key=lambda one: one.megabytes)
    print(f"\nslowest door: {slowest.seconds:.2f} s ({slowest.what})")  # noqa: T201
    print(f"most memory: {largest.megabytes:.0f} MB more than before ({largest.what})", flush=True)  # noqa: T201


sys.exit(main())
