"""Stratification: whole groups divided so that each part gets its share of every class as far as groups allow.

Groups are taken in the order of a hash of the seed and their name, so that a split is the same on every machine,
whatever the order of the files or the folder they are in. Where a group holds several classes, this is the iterative
stratification of Sechidis (2011): rare classes first, each group to the part that lacks its classes most.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count

Counts = tuple[tuple[int, int], ...]
"""The classes of a group, and how many images it has of each."""


def stratify(
    owners: Sequence[str], labels: Sequence[int], *, shares: Mapping[str, float], seed: int
) -> dict[str, tuple[int, ...]]:
    """Return the indices of each part's images; `owners` and `labels` are each image's group and class."""
    number: defaultdict[str, int] = defaultdict(count().__next__)
    group_of = [number[owner] for owner in owners]
    names = list(number)
    counts = _count_by_group(group_of, labels)
    part_of = _assign_groups(names, counts, shares, seed)
    parts: dict[str, list[int]] = {part: [] for part in shares}
    for index, group in enumerate(group_of):
        parts[part_of[group]].append(index)
    return {part: tuple(indices) for part, indices in parts.items()}


def _count_by_group(group_of: Sequence[int], labels: Sequence[int]) -> list[Counts]:
    """Return the counts of each group. Groups of one image share a tuple, as there may be many."""
    if len(set(group_of)) == len(group_of):
        single: dict[int, Counts] = {label: ((label, 1),) for label in set(labels)}
        return [single[label] for label in labels]
    images_of = Counter(zip(group_of, labels, strict=True))
    found: list[Counts] = [()] * (max(group_of) + 1)
    for (group, label), images in sorted(images_of.items()):
        found[group] = (*found[group], (label, images))
    return found


def _assign_groups(names: Sequence[str], counts: Sequence[Counts], shares: Mapping[str, float], seed: int) -> list[str]:
    """Return the part of each group. No part is left without a class while there are enough groups."""
    totals: Counter[int] = Counter()
    for some in counts:
        totals.update(dict(some))
    whole = sum(shares.values())
    lacking = {
        label: {part: share / whole * total for part, share in shares.items()} for label, total in totals.items()
    }
    empty = {label: [part for part, share in shares.items() if share > 0] for label in totals}
    part_of = [""] * len(names)
    for label, groups in _groups_by_rarest_class(counts, totals):
        groups.sort(key=lambda group: hashlib.sha256(f"{seed}\0{names[group]}".encode()).digest())
        for position, group in enumerate(groups):
            # the last groups of a class go to parts that have none of it yet
            choice = empty[label] if 0 < len(groups) - position <= len(empty[label]) else list(shares)
            part = max(choice, key=partial(_need, counts[group], lacking, totals))
            part_of[group] = part
            for own, images in counts[group]:
                lacking[own][part] -= images
                if part in empty[own]:
                    empty[own].remove(part)
    return part_of


def _need(counts: Counts, lacking: Mapping[int, Mapping[str, float]], totals: Mapping[int, int], part: str) -> float:
    """Return how much a part lacks the classes of a group; every class counts as much as any other."""
    return sum(images * lacking[label][part] / totals[label] ** 2 for label, images in counts)


def _groups_by_rarest_class(counts: Sequence[Counts], totals: Mapping[int, int]) -> list[tuple[int, list[int]]]:
    """Return the groups by the rarest class they hold, the rarest class first."""
    found: dict[int, list[int]] = defaultdict(list)
    for group, some in enumerate(counts):
        found[min((label for label, _ in some), key=lambda label: (totals[label], label))].append(group)
    return sorted(found.items(), key=lambda item: (totals[item[0]], item[0]))
