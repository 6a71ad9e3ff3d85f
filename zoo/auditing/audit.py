"""The audit of a data set and its split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.auditing.audit_findings import Finding, findings_of
from zoo.auditing.given_split import GivenSplit, check_stated, given_split
from zoo.auditing.links import Leaks, Links, find_leaks, without_links
from zoo.auditing.two_trainings import plan_two_trainings
from zoo.config.train_config import DataConfig, TrainConfig
from zoo.data.identical_images import identical_sets
from zoo.data.inspection.image_facts import ImageFacts, facts_of_images, near_identical_images
from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import check_unreadable
from zoo.data.source_lookup import all_options, find_source_at, read_manifest
from zoo.data.split.split import PARTS, Split
from zoo.data.split.split_file import write_split
from zoo.errors import DataError, UsageError
from zoo.files import refuse_existing
from zoo.progress import Reporter, reporter_for
from zoo.registry import registry
from zoo.runs import Run, is_run
from zoo.training.plan import make_plan
from zoo.version import __version__

if TYPE_CHECKING:
    from zoo.auditing.leak_worth import LeakWorth

TRAININGS = 3
"""How often each of the two models is trained by default."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found about a data set and its split. Images are named by their keys."""

    name: str
    source: str
    options: Mapping[str, Any]
    """Options of the data source."""
    synthetic: bool
    fingerprint: str
    """A hash of every image's name, label, patient and bytes."""
    version: str
    """The version of histozoo."""
    date: str
    split: str
    """How the split was stated."""
    val_as_test: bool
    """Whether the split has no test part, so that its validation part was taken for it."""
    classes: tuple[str, ...]
    images: Mapping[str, Mapping[str, int]]
    """The number of images by part and class."""
    groups: Mapping[str, Mapping[str, int]]
    """The number of patients, cases and slides, as far as they are known, by part; `all` is that of the data set."""
    leaking: int
    """The number of test images that are linked with an image of another part."""
    possibly_leaking: int
    """The number of test images that may be, such as those of one case whose slides have several patients' names."""
    test_images: int
    findings: tuple[Finding, ...]
    """The findings, the most harmful first."""
    worth: LeakWorth | None
    """What the leak is worth; None if it was not measured."""
    not_measured: str
    """Why it was not measured."""

    @property
    def may_leak(self) -> bool:
        """Whether test images may not be new to the model: for example since the patients are not known."""
        return self.possibly_leaking > 0 or any(finding.harm == "possible leak" for finding in self.findings)

    @property
    def leaks(self) -> bool:
        """Whether test images are linked with images of other parts."""
        return self.leaking > 0


def audit(
    data: str | Path,
    *,
    source: str | None = None,
    options: Mapping[str, Any] | None = None,
    split: str | Path | None = None,
    seed: int = 0,
    train: str | None = None,
    trainings: int = TRAININGS,
    settings: Mapping[str, Any] | None = None,
    clean: str | Path | None = None,
    progress: Reporter | bool = True,
) -> Audit:
    """Audit a data set and its split: what leaks from training to test, and what that is worth.

    Args:
        data: The folder or file with the data, or a run, whose data and split are audited.
        source: The name of the data source, if it is not recognized.
        options: Options of the data source, such as `patient="folder"`.
        split: The split: `auto`, `patient`, `image` or `fixed` as in `zoo.train`; or the path of a run, or of a table
            with the part of each image or patient. By default that of the run, or `auto`.
        seed: The seed of a split by patient or by image, and of the first training.
        train: The name of a model to train with the leak and without it, to measure what the leak is worth.
        trainings: How often each of the two is trained.
        settings: Keywords of `zoo.train` for these trainings, such as `{"epochs": 5}`.
        clean: A file to write the split to, without the training and validation images that leak.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

    Returns:
        The findings, the most harmful first, and the numbers that they rest on.

    Examples:
        >>> found = zoo.audit("BreaKHis_v1", split="published.csv")
        >>> found.leaking, [finding.title for finding in found.findings]
    """
    if trainings < 1:
        raise UsageError(f"trainings must be at least 1, not {trainings}")
    if settings and train is None:
        raise UsageError("settings are those of the trainings", hint="name a model with train")
    if clean is not None:
        refuse_existing(Path(clean), hint="choose another file")
    reporter = reporter_for(progress)
    config, stated = _data_of(str(data), source, options, str(split) if split is not None else None)
    check_stated(stated)
    training = None if train is None else _training(train, config, seed, settings or {})
    whole = read_manifest(registry().source(config.source), root=config.root, options=config.options, progress=reporter)
    manifest, facts, unreadable = _readable(whole, facts_of_images(whole.samples, reporter))
    if training is not None:
        check_unreadable(unreadable, whole, tolerated=training.data.tolerate)
    contents = [fact.content for fact in facts]
    links = Links(manifest=manifest, identical=identical_sets(contents), near=near_identical_images(facts))
    given = given_split(manifest, contents, stated, seed=seed)
    leaks = find_leaks(links, given.split)
    if clean is not None:
        write_split(Path(clean), manifest, without_links(links, given.split))
    worth, why = None, "no model was named for it"
    if training is not None:
        worth, why = _worth(training, links, given, leaks, trainings, reporter)
    return Audit(
        name=manifest.name,
        source=manifest.source,
        options=all_options(registry().source(config.source), config.options),
        synthetic=manifest.synthetic,
        fingerprint=whole.fingerprint(),
        version=__version__,
        date=datetime.now(timezone.utc).date().isoformat(),
        split=given.method,
        val_as_test=given.val_as_test,
        classes=manifest.classes,
        images=_images(manifest, given.split),
        groups=_groups(links, given.split),
        leaking=len(leaks.certain),
        possibly_leaking=len(leaks.all - leaks.certain),
        test_images=len(given.split.test),
        findings=findings_of(links, given, leaks, unreadable=unreadable),
        worth=worth,
        not_measured=why,
    )


def _data_of(
    data: str, source: str | None, options: Mapping[str, Any] | None, split: str | None
) -> tuple[DataConfig, str | None]:
    """Return the data to audit, and how their split is stated; those of a run are in its record."""
    if is_run(Path(data)):
        record = Run.open(data).record
        config = replace(record.config.data, options={**record.resolved.data_options, **(options or {})})
        return config, split or data
    found, root = find_source_at(data, source, registry().plugins.sources)
    return DataConfig(source=found.name, root=root, options=options or {}), split


def _training(model: str, data: DataConfig, seed: int, settings: Mapping[str, Any]) -> TrainConfig:
    """Return the configuration of the first training, checked before the images are read."""
    read = {name: settings[name] for name in ("store", "tolerate") if name in settings}
    config = replace(TrainConfig.from_keywords(model, settings), data=replace(data, **read), seed=seed)
    make_plan(config)
    return config


def _readable(manifest: Manifest, facts: Sequence[ImageFacts]) -> tuple[Manifest, list[ImageFacts], dict[str, str]]:
    """Return the images that can be read, with the facts about them, and why the others cannot be read."""
    unreadable = {one.key: fact.error for one, fact in zip(manifest.samples, facts, strict=True) if fact.error}
    kept = [index for index, fact in enumerate(facts) if not fact.error]
    if not kept:
        raise DataError("none of the images can be read", where=manifest.name)
    readable = replace(manifest, samples=tuple(manifest.samples[index] for index in kept))
    return readable, [facts[index] for index in kept], unreadable


def _worth(
    config: TrainConfig, links: Links, given: GivenSplit, leaks: Leaks, trainings: int, progress: Reporter
) -> tuple[LeakWorth | None, str]:
    """Return what the leak is worth, or why it cannot be measured."""
    from zoo.auditing.leak_worth import measure_leak  # imports torch

    if not leaks.all:
        return None, "no test image is linked with an image of another part, so there is nothing to compare"
    two = plan_two_trainings(links, given.split, seed=config.seed)
    if isinstance(two, str):
        return None, two
    return measure_leak(config, links.manifest, two, trainings=trainings, progress=progress), ""


def _images(manifest: Manifest, split: Split) -> dict[str, dict[str, int]]:
    """Return the number of images by part and class."""
    counts = {part: Counter(manifest.samples[index].label for index in split.part(part)) for part in PARTS}
    return {part: {name: counts[part][name] for name in manifest.classes} for part in PARTS}


def _groups(links: Links, split: Split) -> dict[str, dict[str, int]]:
    """Return the number of patients, cases and slides by part."""
    return {
        grouping: {
            **{part: len({names[index] for index in split.part(part)} - {None}) for part in PARTS},
            "all": len(set(names) - {None}),
        }
        for grouping, names in links.groupings.items()
    }
