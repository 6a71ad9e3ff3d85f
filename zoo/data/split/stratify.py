"""Handing out whole groups, so that each part gets its share of every class as far as the groups allow.

The order in which groups are dealt comes from a hash of the seed and their name, so that a split is the same on every
machine, whatever the order of the files or the place they lie in. Where a group holds several classes, this is the
iterative stratification of Sechidis (2011): rare classes first, each group to where its classes are lacking most.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count

Held = tuple[tuple[int, int], ...]
"""A group's classes, and how many images it has of each."""


def stratify(
    owners: Sequence[str], labels: Sequence[int], *, shares: Mapping[str, float], seed: int
) -> dict[str, tuple[int, ...]]:
    """To each part the indices of its images; `owners` and `labels` say for each image its group and class."""
    number: defaultdict[str, int] = defaultdict(count().__next__)
    group_of = [number[owner] for owner in owners]
    names = list(number)
    held = _held(group_of, labels)
    part_of = _dealt(names, held, shares, seed)
    parts: dict[str, list[int]] = {part: [] for part in shares}
    for index, group in enumerate(group_of):
        parts[part_of[group]].append(index)
    return {part: tuple(indices) for part, indices in parts.items()}


def _held(group_of: Sequence[int], labels: Sequence[int]) -> list[Held]:
    """What each group holds. Groups of one image share a tuple, as there are many."""
    if len(set(group_of)) == len(group_of):
        single: dict[int, Held] = {label: ((label, 1),) for label in set(labels)}
        return [single[label] for label in labels]
    counts = Counter(zip(group_of, labels, strict=True))
    found: list[Held] = [()] * (max(group_of) + 1)
    for (group, label), images in sorted(counts.items()):
        found[group] = (*found[group], (label, images))
    return found


def _dealt(names: Sequence[str], held: Sequence[Held], shares: Mapping[str, float], seed: int) -> list[str]:
    """Each group's part. No part goes without a class while there are groups enough."""
    totals: Counter[int] = Counter()
    for some in held:
        totals.update(dict(some))
    whole = sum(shares.values())
    lacking = {
        label: {part: share / whole * total for part, share in shares.items()} for label, total in totals.items()
    }
    empty = {label: [part for part, share in shares.items() if share > 0] for label in totals}
    dealt = [""] * len(names)
    for label, groups in _strata(held, totals):
        groups.sort(key=lambda group: hashlib.sha256(f"{seed}\0{names[group]}".encode()).digest())
        for position, group in enumerate(groups):
            # the last groups go to parts that have none yet
            choice = empty[label] if 0 < len(groups) - position <= len(empty[label]) else list(shares)
            part = max(choice, key=partial(_need, held[group], lacking, totals))
            dealt[group] = part
            for own, images in held[group]:
                lacking[own][part] -= images
                if part in empty[own]:
                    empty[own].remove(part)
    return dealt


def _need(held: Held, lacking: Mapping[int, Mapping[str, float]], totals: Mapping[int, int], part: str) -> float:
    """How much a part lacks what a group holds; every class counts as much as any other."""
    return sum(images * lacking[label][part] / totals[label] ** 2 for label, images in held)


def _strata(held: Sequence[Held], totals: Mapping[int, int]) -> list[tuple[int, list[int]]]:
    """Groups by the rarest class they hold, the rarest first."""
    found: dict[int, list[int]] = defaultdict(list)
    for group, some in enumerate(held):
        found[min((label for label, _ in some), key=lambda label: (totals[label], label))].append(group)
    return sorted(found.items(), key=lambda item: (totals[item[0]], item[0]))
