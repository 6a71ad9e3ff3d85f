"""Links between images of a data set: the same patient, the same image, or nearly the same image."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from zoo.auditing.numbered_within_patients import Numbered, number_within_patients
from zoo.data.identical_images import Sets
from zoo.data.manifest import Manifest
from zoo.data.near_identical import NearIdentical
from zoo.data.patient_names import first_spelling, spellings
from zoo.data.sources.csv_rows import NO_PATIENT
from zoo.data.split.split import PARTS, Split, check_classes
from zoo.data.split.unknown_patients import PARTS_OF_A_PATIENT, columns_of

GROUPINGS = ("patient", *PARTS_OF_A_PATIENT)
"""Facts of an image that name a patient or a part of one, besides its group."""
NO_NAME = NO_PATIENT | {""}
"""What tables state where the patient, case or slide is not known, in small letters."""


@dataclass(frozen=True, kw_only=True)
class Links:
    """Every link between images of a data set."""

    manifest: Manifest
    identical: Sets
    near: NearIdentical

    @cached_property
    def groupings(self) -> Mapping[str, Sequence[str | None]]:
        """The names of each image's patient, and of its case or slide where that divides the images in another way."""
        return self._named[0]

    @property
    def numbered(self) -> Mapping[str, Numbered]:
        """The facts with numbers within each patient. Their names in `groupings` have the patient before the number."""
        return self._named[1]

    @cached_property
    def _named(self) -> tuple[Mapping[str, Sequence[str | None]], Mapping[str, Numbered]]:
        """The groupings, and what is known of those that are numbered within each patient."""
        samples = self.manifest.samples
        found: dict[str, Sequence[str | None]] = {}
        numbered: dict[str, Numbered] = {}
        if any(sample.group is not None for sample in samples):
            found["patient"] = [sample.group for sample in samples]
        for fact in GROUPINGS:
            for column in columns_of(self.manifest, fact):
                names = _one_name_each([sample.facts.get(column) for sample in samples])
                if fact != "patient" and "patient" in found:
                    numbers = number_within_patients(names, found["patient"], fact=fact)
                    if numbers is not None:
                        names = numbers.names
                        numbered.setdefault(fact, numbers)
                if any(names) and not any(_same_division(names, other) for other in found.values()):
                    found[fact if fact not in found else f"{column} (fact)"] = names
        return found, numbered

    @cached_property
    def merging(self) -> frozenset[str]:
        """The groupings of which one name has several patients: these may be one person, which is not known."""
        patients = self.groupings.get("patient")
        found = set()
        for grouping, names in self.groupings.items():
            of_name: defaultdict[str | None, set[str | None]] = defaultdict(set)
            for name, patient in zip(names, patients or names, strict=True):
                of_name[name].add(patient)
            if any(len(of_one) > 1 for name, of_one in of_name.items() if name is not None):
                found.add(grouping)
        return frozenset(found)

    @cached_property
    def units(self) -> list[int]:
        """A number for each image, the same for images that are linked directly or through others."""
        parent = list(range(len(self.manifest.samples)))

        def first(index: int) -> int:
            while parent[index] != index:
                parent[index] = index = parent[parent[index]]
            return index

        for indices in self._linked():
            roots = sorted({first(index) for index in indices})
            for root in roots[1:]:
                parent[root] = roots[0]
        return [first(index) for index in range(len(parent))]

    @cached_property
    def _copies(self) -> Mapping[int, Sequence[int]]:
        """The images that are identical to each image that is not the only one."""
        return {index: indices for indices in self.identical for index in indices}

    def copies(self, index: int) -> Sequence[int]:
        """Return an image with those that are identical to it; of these, only the first was searched for near ones."""
        return self._copies.get(index, (index,))

    def _linked(self) -> Iterable[Sequence[int]]:
        """Yield images that are linked directly."""
        for names in self.groupings.values():
            members: defaultdict[str, list[int]] = defaultdict(list)
            for index, name in enumerate(names):
                if name is not None:
                    members[name].append(index)
            yield from members.values()
        yield from self.identical
        yield from ((pair.first, pair.second) for pair in self.near.pairs)


@dataclass(frozen=True, kw_only=True)
class Leaks:
    """The test images that are linked with an image of another part, by the kind of link."""

    by_grouping: Mapping[str, frozenset[int]]
    identical: frozenset[int]
    near: frozenset[int]
    merging: frozenset[str]
    """The groupings of which it is not known whether they link images of one person."""

    @property
    def certain(self) -> frozenset[int]:
        """The test images that are not new to the model."""
        certain = [images for grouping, images in self.by_grouping.items() if grouping not in self.merging]
        return frozenset[int]().union(*certain, self.identical, self.near)

    @property
    def all(self) -> frozenset[int]:
        """These, and the test images of which it is not known whether they are new to the model."""
        return self.certain.union(*self.by_grouping.values())


def find_leaks(links: Links, split: Split) -> Leaks:
    """Return the test images of a split that are linked with an image of the training or validation part."""
    test, others = set(split.test), {*split.train, *split.val}
    by_grouping = {}
    for grouping, names in links.groupings.items():
        seen = {names[index] for index in others} - {None}
        by_grouping[grouping] = frozenset(index for index in test if names[index] in seen)
    identical = {index for indices in links.identical if others & set(indices) for index in indices if index in test}
    near: set[int] = set()
    for pair in links.near.pairs:
        first, second = set(links.copies(pair.first)), set(links.copies(pair.second))
        near |= (first & test if second & others else set()) | (second & test if first & others else set())
    return Leaks(by_grouping=by_grouping, identical=frozenset(identical), near=frozenset(near), merging=links.merging)


def without_links(links: Links, split: Split) -> Split:
    """Return a split without the training and validation images that are linked with an image of a later part."""
    units = links.units
    tested = {units[index] for index in split.test}
    val = tuple(index for index in split.val if units[index] not in tested)
    later = tested | {units[index] for index in val}
    train = tuple(index for index in split.train if units[index] not in later)
    out = tuple(sorted({*split.excluded, *split.train, *split.val} - {*train, *val}))
    clean = replace(split, train=train, val=val, excluded=out)
    check_classes(links.manifest, clean, [part for part in PARTS if part != "val" or split.val])
    return clean


def _one_name_each(names: Sequence[str | None]) -> Sequence[str | None]:
    """Return names of which no two differ only in how they are written; None for words that say that there is none."""
    known = [name if name is not None and name.strip().lower() not in NO_NAME else None for name in names]
    first = first_spelling(spellings(name for name in known if name is not None))
    return [first.get(name, name) if name is not None else None for name in known]


def _same_division(names: Sequence[str | None], others: Sequence[str | None]) -> bool:
    """Return whether two namings divide the images in the same way."""
    pairs = Counter(zip(names, others, strict=True))
    return len(pairs) == len(set(names)) == len(set(others))
