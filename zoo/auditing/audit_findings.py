"""The findings of an audit, in order of harm: what leaks, what may leak, and what weakens the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zoo.auditing.given_split import GivenSplit
from zoo.auditing.links import Leaks, Links
from zoo.data.identical_images import label_conflicts
from zoo.data.manifest import Manifest
from zoo.data.patient_names import equal_names
from zoo.data.split.split import PARTS, Split

Harm = Literal["leak", "possible leak", "weakness", "note"]
"""`leak`: test images are not new to the model; `possible leak`: they may not be; `weakness`: the numbers say less than
they seem to; `note`: nothing is wrong, but it should be known.
"""
ORDER: tuple[Harm, ...] = ("leak", "possible leak", "weakness", "note")
MAX_EXAMPLES = 12
"""How many examples a finding has."""
SEVERAL_NAMES = "patients whose name is written in several ways"
NO_PATIENTS = "patients are not known"
NOT_IN_DATA = "rows of the table that are not in the data"
ELSEWHERE = "rows of the table with another folder or patient"
FEW_PATIENTS = 10
"""With fewer patients of a class in the test part, intervals are wide, and too narrow for what they say."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding of an audit."""

    harm: Harm
    title: str
    explanation: str
    count: int
    """How many patients, images or pairs it concerns."""
    test_images: int
    """The number of test images that it concerns."""
    columns: tuple[str, ...] = ()
    examples: tuple[tuple[str, ...], ...] = ()


def findings_of(links: Links, given: GivenSplit, leaks: Leaks, *, unreadable: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return the findings about a split, the most harmful first."""
    found = [
        *_groups(links, given.split, leaks),
        *_identical(links, given.split, leaks),
        *_near(links, given.split, leaks),
        *_conflicts(links),
        *_small_classes(links.manifest, given.split),
        *_selection(links, given.split),
        *_unknown(links.manifest),
        *_spellings(links.manifest),
        *_numbered(links),
        *_not_covered(links, given, unreadable),
    ]
    return tuple(sorted(found, key=lambda one: (ORDER.index(one.harm), -one.test_images)))


def _groups(links: Links, split: Split, leaks: Leaks) -> Iterator[Finding]:
    """Yield the patients, cases or slides on both sides."""
    for grouping, names in links.groupings.items():
        images = leaks.by_grouping[grouping]
        if not images:
            continue
        both = sorted({name for index in images if (name := names[index]) is not None})
        in_test = {names[index] for index in split.test} - {None}
        counts = {part: Counter(names[index] for index in split.part(part)) for part in PARTS}
        merges = grouping in leaks.merging
        if grouping == "patient":
            why = "A model that has seen other images of a patient recognizes the patient, not only the disease."
        elif merges:
            why = (
                f"Images of one {grouping} have several patients' names. If these are one person, the model has seen "
                "this person; the data do not say."
            )
        else:
            why = f"Images of one {grouping} resemble each other more than those of a new one."
        yield Finding(
            harm="possible leak" if merges else "leak",
            title=f"{grouping}s in the test part and in another part",
            explanation=f"{len(both)} of the {len(in_test)} {grouping}s of the test part, with {len(images):,} of "
            f"{len(split.test):,} test images. {why}",
            count=len(both),
            test_images=len(images),
            columns=(grouping, *(f"{part} images" for part in PARTS)),
            examples=tuple(
                (name, *(str(counts[part][name]) for part in PARTS))
                for name in sorted(both, key=lambda name: -counts["test"][name])[:MAX_EXAMPLES]
            ),
        )


def _identical(links: Links, split: Split, leaks: Leaks) -> Iterator[Finding]:
    """Yield the identical images on both sides."""
    if not leaks.identical:
        return
    part_of, samples = split.part_of(), links.manifest.samples
    apart = [indices for indices in links.identical if leaks.identical & set(indices)]
    rows = []
    for indices in apart:
        tested = next(index for index in indices if part_of.get(index) == "test")
        seen = next(index for index in indices if part_of.get(index, "test") != "test")
        rows.append((samples[tested].key, samples[seen].key, part_of[seen]))
    yield Finding(
        harm="leak",
        title="identical images in the test part and in another part",
        explanation=f"{len(leaks.identical)} test images have the same pixels as an image that the model has seen. "
        "What is measured on them is memory.",
        count=len(rows),
        test_images=len(leaks.identical),
        columns=("test image", "identical to", "in the part"),
        examples=tuple(rows[:MAX_EXAMPLES]),
    )


def _near(links: Links, split: Split, leaks: Leaks) -> Iterator[Finding]:
    """Yield the near-identical images on both sides."""
    if not leaks.near:
        return
    part_of, samples = split.part_of(), links.manifest.samples
    rows = []
    for pair in links.near.pairs:
        for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
            tested = [index for index in links.copies(one) if part_of.get(index) == "test"]
            seen = [index for index in links.copies(other) if part_of.get(index, "test") != "test"]
            if tested and seen:
                rows.append((samples[tested[0]].key, samples[seen[0]].key, part_of[seen[0]], f"{pair.distance:.3f}"))
                break
    yield Finding(
        harm="leak",
        title="near-identical images in the test part and in another part",
        explanation=f"{len(leaks.near)} test images are nearly the same as an image that the model has seen: mirrored, "
        "rotated by 90 degrees, resized or compressed again. Look at the examples; a distance of 0 is a copy, and none "
        "above 0.25 is listed.",
        count=len(rows),
        test_images=len(leaks.near),
        columns=("test image", "nearly the same as", "in the part", "distance"),
        examples=tuple(rows[:MAX_EXAMPLES]),
    )


def _conflicts(links: Links) -> Iterator[Finding]:
    """Yield identical and near-identical images with different labels."""
    samples = links.manifest.samples
    rows = [
        (samples[indices[0]].key, samples[indices[0]].label, samples[other].key, samples[other].label)
        for indices in label_conflicts(links.manifest, links.identical)
        for other in indices
        if samples[other].label != samples[indices[0]].label
    ]
    yield from _different_labels("identical", "All but one of the labels of an image must be wrong.", rows)
    pairs = [(samples[pair.first], samples[pair.second]) for pair in links.near.pairs]
    rows = [(one.key, one.label, other.key, other.label) for one, other in pairs if one.label != other.label]
    yield from _different_labels("near-identical", "If they show the same tissue, one of the labels is wrong.", rows)


def _different_labels(kind: str, explanation: str, rows: Sequence[tuple[str, str, str, str]]) -> Iterator[Finding]:
    """Yield pairs of images with different labels, if there are any."""
    if rows:
        yield Finding(
            harm="weakness",
            title=f"{kind} images with different labels",
            explanation=explanation,
            count=len(rows),
            test_images=0,
            columns=("image", "label", "nearly the same as" if kind == "near-identical" else "identical to", "label"),
            examples=tuple(rows[:MAX_EXAMPLES]),
        )


def _small_classes(manifest: Manifest, split: Split) -> Iterator[Finding]:
    """Yield the classes with too few patients in the test part, or none in a part."""
    samples = manifest.samples
    known = manifest.groups is not None
    unit = "patients" if known else "images"
    rows, test_images = [], 0
    for name in manifest.classes:
        owners = {
            part: {
                samples[index].group if known else samples[index].key
                for index in split.part(part)
                if samples[index].label == name
            }
            for part in PARTS
        }
        if len(owners["test"]) < FEW_PATIENTS or not owners["train"]:
            rows.append((name, *(str(len(owners[part])) for part in PARTS)))
            test_images += sum(samples[index].label == name for index in split.test)
    if rows:
        yield Finding(
            harm="weakness",
            title=f"classes with few {unit}",
            explanation=f"With fewer than {FEW_PATIENTS} {unit} of a class in the test part, an interval is wide, and "
            f"with the fewest there is none: another choice of {unit} would give another result.",
            count=len(rows),
            test_images=test_images,
            columns=("class", *(f"{unit} in {part}" for part in PARTS)),
            examples=tuple(rows),
        )


def _selection(links: Links, split: Split) -> Iterator[Finding]:
    """Yield the patients in both training and validation, on whom the epoch is chosen."""
    names = links.groupings.get("patient")
    if names is None or not split.val:
        return
    trained = {names[index] for index in split.train} - {None}
    both = {names[index] for index in split.val if names[index] in trained}
    if both:
        yield Finding(
            harm="weakness",
            title="patients in training and validation",
            explanation=f"{len(both)} patients. The epoch, or a setting, that is chosen on the validation part is "
            "chosen for patients that the model knows.",
            count=len(both),
            test_images=0,
        )


def _unknown(manifest: Manifest) -> Iterator[Finding]:
    """Yield that patients are not known."""
    without = len(manifest.without_group)
    if without:
        yield Finding(
            harm="possible leak",
            title=NO_PATIENTS if without == len(manifest.samples) else "images without a patient",
            explanation=f"{without} of {len(manifest.samples)} images state no patient, so images of one patient may "
            "be in several parts, and intervals treat images as if each were of another patient.",
            count=without,
            test_images=0,
        )


def _spellings(manifest: Manifest) -> Iterator[Finding]:
    """Yield the patients whose name is written in several ways."""
    several = manifest.spellings
    if several:
        yield Finding(
            harm="note",
            title=SEVERAL_NAMES,
            explanation="Names that differ in capital letters, spaces around them or their form in Unicode are taken "
            "for those of one patient.",
            count=len(several),
            test_images=0,
            columns=("names",),
            examples=tuple((names,) for names in equal_names(several[:MAX_EXAMPLES])),
        )


def _numbered(links: Links) -> Iterator[Finding]:
    """Yield the slides or cases that are numbered anew for each patient."""
    for fact, numbered in links.numbered.items():
        name, count = next(iter(numbered.having.items()))
        yield Finding(
            harm="note",
            title=f"{fact}s that seem to be numbered within each patient",
            explanation=f"{count} of {numbered.patients} patients have a {fact} {name!r}. So {fact}s with these "
            f"numbers are not taken for one if they are of different patients; {fact}s with other names are.",
            count=len(numbered.having),
            test_images=0,
            columns=(fact, "patients"),
            examples=tuple((name, str(count)) for name, count in numbered.having.items())[:MAX_EXAMPLES],
        )


def _not_covered(links: Links, given: GivenSplit, unreadable: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what the audit did not compare: unreadable and blank images, and what of table and data do not match."""
    samples = links.manifest.samples
    blank = tuple(samples[index].key for index in links.near.blank)
    harm: Harm
    damaged = tuple(f"{key}: {reason}" for key, reason in unreadable.items())
    for harm, names, title, why in (
        (
            "weakness",
            given.unmatched,
            NOT_IN_DATA,
            "This audit says nothing about them.",
        ),
        (
            "possible leak",
            given.elsewhere,
            ELSEWHERE,
            "An image of the data has the same file name, but another folder or patient, though other rows call these "
            "as the data do. So it is not known whether it is the same image, and the row was not matched.",
        ),
        ("note", damaged, "unreadable images", "They were not compared."),
        (
            "note",
            blank,
            "blank and very small images",
            "They show nearly nothing, such as empty glass, or have a side of fewer than 16 pixels. These are all "
            "alike, so near-identical ones were not searched for among them.",
        ),
        ("note", given.unlisted, "images in no part of the split", "No row of the table was matched with them."),
    ):
        if names:
            yield Finding(
                harm=harm,
                title=title,
                explanation=f"There {'is' if len(names) == 1 else 'are'} {len(names)}. {why}",
                count=len(names),
                test_images=0,
                columns=("name",),
                examples=tuple((name,) for name in names[:MAX_EXAMPLES]),
            )
