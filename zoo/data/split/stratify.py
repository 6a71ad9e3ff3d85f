"""Stratification: whole groups divided so that each part gets its share of every class as far as groups allow.

Groups are taken in the order of a hash of the seed and their name, so that a split does not depend on the
order of the files or on the machine. For groups with several classes, this is the iterative stratification of Sechidis
(2011): rare classes first, each group to the part that lacks its classes most. If a part is left without a class, which
happens in small sets, a search chooses some groups for each part before the others are assigned.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count

from zoo.data.split.every_class import groups_for_every_part

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
    """Return the counts of each group. Groups of one image share tuples, as there may be many such groups."""
    if len(set(group_of)) == len(group_of):
        single: dict[int, Counts] = {label: ((label, 1),) for label in set(labels)}
        return [single[label] for label in labels]
    images_of = Counter(zip(group_of, labels, strict=True))
    counts: list[Counts] = [()] * (max(group_of) + 1)
    for (group, label), images in sorted(images_of.items()):
        counts[group] = (*counts[group], (label, images))
    return counts


def _assign_groups(names: Sequence[str], counts: Sequence[Counts], shares: Mapping[str, float], seed: int) -> list[str]:
    """Return the part of each group. No part is left without a class if that is possible."""
    ranks = [hashlib.sha256(f"{seed}\0{name}".encode()).digest() for name in names]
    part_of = _assign_in_turn(ranks, counts, shares, {})
    parts = [part for part, share in shares.items() if share > 0]
    if _have_every_class(part_of, counts, parts):
        return part_of
    order = sorted(range(len(names)), key=ranks.__getitem__)
    chosen = groups_for_every_part({group: frozenset(dict(counts[group])) for group in order}, parts)
    return part_of if chosen is None else _assign_in_turn(ranks, counts, shares, chosen)


def _have_every_class(part_of: Sequence[str], counts: Sequence[Counts], parts: Sequence[str]) -> bool:
    """Return whether each of these parts has every class."""
    found = {(part, label) for part, of_group in zip(part_of, counts, strict=True) for label, _ in of_group}
    labels = {label for _, label in found}
    return all((part, label) in found for part in parts for label in labels)


def _assign_in_turn(
    ranks: Sequence[bytes], counts: Sequence[Counts], shares: Mapping[str, float], chosen: Mapping[int, str]
) -> list[str]:
    """Return the part of each group: first the chosen ones, then the others, each to the part that needs it most."""
    totals: Counter[int] = Counter()
    for of_group in counts:
        totals.update(dict(of_group))
    total_share = sum(shares.values())
    lacking = {
        label: {part: share / total_share * total for part, share in shares.items()} for label, total in totals.items()
    }
    empty = {label: [part for part, share in shares.items() if share > 0] for label in totals}
    part_of = [""] * len(ranks)

    def assign(group: int, part: str) -> None:
        part_of[group] = part
        for label, images in counts[group]:
            lacking[label][part] -= images
            if part in empty[label]:
                empty[label].remove(part)

    for group, part in chosen.items():
        assign(group, part)
    for label, members in _groups_by_rarest_class(counts, totals):
        groups = sorted((group for group in members if group not in chosen), key=ranks.__getitem__)
        for position, group in enumerate(groups):
            # the last groups of a class are assigned to parts that have none of it yet
            choice = empty[label] if 0 < len(groups) - position <= len(empty[label]) else list(shares)
            assign(group, max(choice, key=partial(_need, counts[group], lacking, totals)))
    return part_of


def _need(counts: Counts, lacking: Mapping[int, Mapping[str, float]], totals: Mapping[int, int], part: str) -> float:
    """Return how much a part lacks the classes of a group; every class counts as much as any other."""
    return sum(images * lacking[label][part] / totals[label] ** 2 for label, images in counts)


def _groups_by_rarest_class(counts: Sequence[Counts], totals: Mapping[int, int]) -> list[tuple[int, list[int]]]:
    """Return the groups by their rarest class, the rarest class first."""
    by_class: dict[int, list[int]] = defaultdict(list)
    for group, of_group in enumerate(counts):
        by_class[min((label for label, _ in of_group), key=lambda label: (totals[label], label))].append(group)
    return sorted(by_class.items(), key=lambda item: (totals[item[0]], item[0]))
