"""Patients whose name is written in several ways: in small and capital letters, or in other forms of Unicode."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from unicodedata import normalize


def same_for_one_patient(name: str) -> str:
    """Return what is the same for all ways to write the name of a patient; `bundle.seen` stores hashes of it."""
    return normalize("NFKC", name).strip().casefold()


def spellings(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the names of each patient who has several, in the order in which they are first given."""
    of_patient: defaultdict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        of_patient[same_for_one_patient(name)].append(name)
    return tuple(tuple(several) for several in of_patient.values() if len(several) > 1)


def first_spelling(several: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Return the first name of each patient by the others."""
    return {name: first for first, *others in several for name in others}


def equal_names(several: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the names of each patient as text, for a message."""
    return [" = ".join(map(repr, names)) for names in several]
