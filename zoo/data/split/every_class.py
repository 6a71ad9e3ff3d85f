"""The search for some groups that give every class to every part, when dividing them in turn has not.

A group may have several classes, so this is a search: in turn, the class that is scarcest gets a group for a part that
still lacks it, and the choice is taken back if it leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Classes = frozenset[int]
MAX_STEPS = 20_000
"""After this many steps, the search gives up: sets with that many parts have groups to spare, or too few."""
MAX_CHOICES = 400
"""How many classes of parts are chosen for at most, since each is a call within a call."""


def groups_for_every_part(classes_of: Mapping[int, Classes], parts: Sequence[str]) -> dict[int, str] | None:
    """Return groups with their parts, so that each part has every class; None if that is not possible.

    Args:
        classes_of: The classes of each group; of groups with the same classes, the first ones are used first.
        parts: The parts.
    """
    kinds: dict[Classes, list[int]] = {}
    for group, classes in classes_of.items():
        kinds.setdefault(classes, []).append(group)
    every = frozenset[int]().union(*kinds)
    if len(every) * len(parts) > MAX_CHOICES:
        return None
    search = _Search(list(kinds), [len(groups) for groups in kinds.values()])
    chosen = search.find([every] * len(parts))
    if chosen is None:
        return None
    waiting = {kind: iter(groups) for kind, groups in kinds.items()}
    return {next(waiting[kind]): parts[part] for kind, part in chosen}


class _Search:
    """A depth-first search; groups with the same classes are interchangeable, and so are parts."""

    def __init__(self, kinds: list[Classes], left: list[int]) -> None:
        self.kinds, self.left = kinds, left
        self.steps = 0
        self.failed: set[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]] = set()

    def find(self, missing: list[Classes]) -> list[tuple[Classes, int]] | None:
        """Return classes of groups and the parts that these go to, so that nothing is missing; None if impossible."""
        if not any(missing):
            return []
        state = (tuple(self.left), tuple(sorted(tuple(sorted(one)) for one in missing)))
        self.steps += 1
        if state in self.failed or self.steps > MAX_STEPS or (scarcest := self._scarcest(missing)) is None:
            return None
        part = max((number for number, one in enumerate(missing) if scarcest in one), key=lambda n: len(missing[n]))
        for number in self._useful(scarcest, missing[part]):
            kind = self.kinds[number]
            self.left[number] -= 1
            rest = self.find([*missing[:part], missing[part] - kind, *missing[part + 1 :]])
            self.left[number] += 1
            if rest is not None:
                return [(kind, part), *rest]
        self.failed.add(state)
        return None

    def _scarcest(self, missing: list[Classes]) -> int | None:
        """Return the class with the fewest groups to spare; None if a class has too few groups."""
        spare = {}
        for label in frozenset[int]().union(*missing):
            groups = sum(count for kind, count in zip(self.kinds, self.left, strict=True) if label in kind)
            spare[label] = groups - sum(label in one for one in missing)
        label = min(spare, key=lambda label: (spare[label], label))
        return label if spare[label] >= 0 else None

    def _useful(self, label: int, missing: Classes) -> Iterator[int]:
        """Yield the kinds of groups that have a class: first those with most of what is missing and least besides."""
        having = [number for number, kind in enumerate(self.kinds) if label in kind and self.left[number]]
        yield from sorted(having, key=lambda n: (-len(self.kinds[n] & missing), len(self.kinds[n]), n))
