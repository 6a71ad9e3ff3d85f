"""The verdict about a bundle: whether its files, its card and its outputs are what they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CARD, CONFIG, FILES, MAX_CARD_BYTES, METRICS, WEIGHTS, read_config
from zoo.bundle.bundle_metrics import bundle_metrics
from zoo.bundle.card import read_card
from zoo.bundle.card.front_matter import is_own_result
from zoo.bundle.card.results_section import results_section
from zoo.classifier.classifier import Classifier
from zoo.classifier.factory import from_pretrained
from zoo.classifier.golden_outputs import TOLERANCES, VerifiedPrecision, check_golden, largest_allowed, read_golden
from zoo.errors import BundleError, ZooError
from zoo.files import read_text, sha256
from zoo.metrics.metrics_file import Metrics
from zoo.text import counted, fitted, quoted, storage_size

MAX_OTHER_BYTES = 200_000_000
"""The size in bytes of the largest file besides the weights that is read."""


@dataclass(frozen=True, kw_only=True)
class BundleCheck:
    """One check of a bundle."""

    promise: str
    """What holds if the check passes."""
    found: str
    """What was found."""
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What all checks of a bundle found."""

    folder: Path
    checks: Sequence[BundleCheck]
    largest_difference: float | None
    """How much the outputs differ from those that were saved; None if that could not be computed."""
    tolerance: float
    """How much they may differ, relative to the largest logit if that is above 1."""

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def loads(self) -> BundleCheck:
        """The check that the model can be loaded: only then is it safe to build its network for other checks."""
        return self.checks[0]


def verify(folder: Path, *, device: str = "cpu", precision: VerifiedPrecision = "float32") -> Verdict:
    """Return the verdict about a bundle.

    Args:
        folder: The bundle.
        device: Where to compute its outputs.
        precision: The precision to compute them in.
    """
    loaded: list[Classifier] = []
    differences: list[float] = []

    def model() -> str:
        loaded.append(from_pretrained(folder, device=device))
        config = loaded[0].config
        return f"{config.entry}, {len(config.classes):,} classes, written by histozoo {config.library_version}"

    def outputs() -> str:
        if not loaded:
            raise BundleError("the model cannot be loaded", where=str(folder))
        golden = read_golden(folder)
        differences.append(check_golden(loaded[0], golden, where=str(folder), precision=precision))
        where, allowed = f"on {device} in {precision}", largest_allowed(golden, precision)
        return f"largest difference {differences[0]:.1e} {where}; {allowed:.3g} is allowed"

    checks: Sequence[tuple[str, Callable[[], str]]] = (
        ("the weights are those that config.json describes, and fit the network", model),
        ("the other files are those that config.json describes", lambda: _files(folder)),
        ("the card states the results in metrics.json", lambda: _card(folder)),
        ("the outputs are those that were saved", outputs),
    )
    return Verdict(
        folder=folder,
        checks=[_check(folder, promise, check) for promise, check in checks],
        largest_difference=differences[0] if differences else None,
        tolerance=TOLERANCES[precision],
    )


def _check(folder: Path, promise: str, check: Callable[[], str]) -> BundleCheck:
    """Run one check."""
    try:
        return BundleCheck(promise=promise, found=check(), passed=True)
    except ZooError as error:
        file = "" if error.where in (None, str(folder)) else f"{error.where}: "
        hint = "" if error.hint is None else f" ({error.hint})"
        return BundleCheck(
            promise=promise, found=fitted(f"{file}{error.message}{hint}", characters=400, lines=3), passed=False
        )


def _files(folder: Path) -> str:
    """Return how many files but the weights are as config.json states; a BundleError names one that is not."""
    described = list(_described(folder))
    for name, stated in described:
        path = bundle_file(folder, name)
        if path is None:
            raise BundleError(f"there is no {name}", where=str(folder), hint="download the bundle again")
        if path.stat().st_size > MAX_OTHER_BYTES:
            raise BundleError(f"{name} is larger than {storage_size(MAX_OTHER_BYTES)}", where=str(folder))
        if sha256(path) != stated:
            raise BundleError(
                f"{name} is not the file that {CONFIG} describes: its sha256 differs",
                where=str(folder),
                hint="download the bundle again",
            )
    return f"{counted(len(described), 'file')} with the stated sha256"


def _described(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each file but the weights whose sha256 config.json states."""
    for value in read_config(folder).values():
        if isinstance(value, dict) and "sha256" in value:
            name, stated = value.get("file"), value["sha256"]
            if name not in FILES or not isinstance(stated, str):
                raise BundleError(f"{CONFIG} describes a file {quoted(name)}", where=str(folder))
            if name != WEIGHTS:
                yield name, stated


def _card(folder: Path) -> str:
    """Return which results the card states; a BundleError if they are not those of the metrics."""
    path = bundle_file(folder, CARD)
    metrics = bundle_metrics(folder)
    if path is None:
        return "there is no card"
    try:
        parts = read_card(read_text(path, at_most=MAX_CARD_BYTES), where=str(folder))
    except (OSError, ValueError) as error:
        raise BundleError(f"{CARD} cannot be read: {error}", where=str(folder)) from error
    if parts.block is None:
        return "a person wrote the card"
    if metrics is None:
        if results_section(None, None) not in parts.block or any(_own_results(parts.metadata)):
            raise BundleError(
                f"the card states results, and there is no {METRICS}",
                where=str(folder),
                hint="download the bundle again, or evaluate the model again",
            )
        return f"there is no {METRICS}, and the card says so"
    for name, value in _results(metrics).items():
        if _told(parts.metadata, name) != value:
            raise BundleError(
                f"the card states a different {name} from {METRICS}, {quoted(value)}",
                where=str(folder),
                hint="push the model again, which rewrites the card",
            )
    return f"{counted(len(_results(metrics)), 'result')} as in {METRICS}"


def _results(metrics: Metrics) -> dict[str, float]:
    """Return the results as the metadata of a card have them."""
    return {name: round(value, 4) for name, value in metrics.measures.values.items() if value is not None}


def _told(metadata: object, measure: str) -> object:
    """Return the value of a measure that histozoo wrote into the metadata of a card; None if there is none."""
    for result in _own_results(metadata):
        found = result.get("metrics")
        for metric in found if isinstance(found, list) else []:
            if isinstance(metric, dict) and metric.get("type") == measure:
                return metric.get("value")
    return None


def _own_results(metadata: object) -> Iterator[dict[str, Any]]:
    """Yield the results that histozoo wrote into the metadata of a card."""
    models = metadata.get("model-index") if isinstance(metadata, dict) else None
    for model in models if isinstance(models, list) else []:
        results = model.get("results") if isinstance(model, dict) else None
        yield from (result for result in (results if isinstance(results, list) else []) if is_own_result(result))
