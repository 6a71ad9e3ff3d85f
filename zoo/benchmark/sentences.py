"""The answer of each part in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from zoo.benchmark.benchmark_results import BenchmarkResults, ModelFacts, TestedPair
from zoo.benchmark.protocol import Part
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import SIGNIFICANT, p_text, signed_interval, with_sign
from zoo.metrics.paired import Difference
from zoo.metrics.result import Interval
from zoo.text import counted, listed


def answer(part: Part, pairs: Sequence[TestedPair], models: Sequence[ModelFacts], unit: str) -> str:
    """Return the answer of a part.

    Args:
        part: The part.
        pairs: Its tested pairs.
        models: The facts of its models.
        unit: What the groups of the data are.
    """
    known = [(pair, pair.differences[MAIN]) for pair in pairs if MAIN in pair.differences]
    if not known:
        return _values(part, models) if models else "No answer yet: its runs are not finished."
    seen = _could_be_seen([difference for _, difference in known])
    both = " that both parts test" if part.against is not None else ""
    images = [f"on {_images(pair, unit)}{both}" for pair, _ in known]
    alike = len(set(images)) == 1  # models of a part that is not finished may be compared on other images
    said = "; ".join(
        f"{_pair_in_words(pair, difference)}{'' if alike else f', {where}'}"
        for (pair, difference), where in zip(known, images, strict=True)
    )
    what = f"in {measure_name(MAIN)}{f', {images[0]}' if alike else ''}"
    return f"{_verdict([pair for pair, _ in known])}; {what}: {said}{seen}."


def _images(pair: TestedPair, unit: str) -> str:
    """Return what a pair was tested on."""
    units = "unknown patients" if pair.patients is None else counted(pair.patients, unit)
    return f"{counted(pair.images, 'image')} of {units}"


def _verdict(pairs: Sequence[TestedPair]) -> str:
    """Return in how many pairs a difference was found, and which."""
    words = {1: "better", -1: "worse"}
    found = [_better_or_worse(pair, words[direction(pair)]) for pair in pairs if direction(pair)]
    if not found:
        return "No difference was found" if len(pairs) == 1 else f"No difference was found in any of {len(pairs)} pairs"
    of = "" if len(pairs) == 1 else f" in {len(found)} of {len(pairs)} pairs"
    return f"A difference was found{of}: {listed(found)}"


def _better_or_worse(pair: TestedPair, word: str) -> str:
    """Return which of a pair is better."""
    what = f"{pair.model} has {word} results in {pair.first} than in" if pair.model else f"{pair.first} is {word} than"
    return f"{what} {pair.second}"


def direction(pair: TestedPair) -> int:
    """Return 1 if the first is better, -1 if it is worse, and 0 if that cannot be said."""
    if pair.corrected_p is None or pair.corrected_p >= SIGNIFICANT:
        return 0
    return 1 if pair.differences[MAIN].value > 0 else -1


def signed(value: float, interval: Interval | None) -> str:
    """Return a difference with its interval."""
    return with_sign(value) + (f" (95 % {signed_interval(interval)})" if interval else "")


def baseline_sentence(results: BenchmarkResults) -> str:
    """Return how often a network is better than the simple model beside it; a part that leaks does not count."""
    leaks = {part.name for part in results.parts if part.shared_patients}
    beside = [(one, found) for one in results.models if (found := one.beside_baseline) and one.part not in leaks]
    if not beside:
        return "No network has a simple model beside it."
    networks = counted(len({one.model for one, _ in beside}), "network")
    parts = counted(len({one.part for one, _ in beside}), "part")
    better = [one for one, found in beside if found.interval and found.interval[0] > 0]
    worse = [one for one, found in beside if found.interval and found.interval[1] < 0]
    return (
        f"Of {counted(len(beside), 'comparison')} with the logistic regression on colors and textures ({networks}, "
        f"{parts}), the network is better in {_counted_and_named(better)} and worse in {_counted_and_named(worse)}, by "
        "intervals that exclude 0."
    )


def _counted_and_named(models: Sequence[ModelFacts]) -> str:
    return f"{len(models)} ({', '.join(f'{one.model} in {one.part}' for one in models)})" if models else "none"


def _values(part: Part, models: Sequence[ModelFacts]) -> str:
    """Return the answer of a part in which nothing is compared, or not yet."""
    values = [f"{one.model} has {one.measures[MAIN].mean:.3f}" for one in models if MAIN in one.measures]
    text = f"in {measure_name(MAIN)}, {', '.join(values) or 'nothing is defined'}."
    waits = part.pairs or part.against
    return f"Nothing can be compared yet; {text}" if waits else text[:1].upper() + text[1:]


def _pair_in_words(pair: TestedPair, difference: Difference) -> str:
    """Return the difference of a pair with its interval and p-value."""
    numbers = signed(difference.value, difference.interval)
    p = p_text(pair.corrected_p) if pair.corrected_p is not None else difference.reason
    return f"{pair.name} {numbers}, {p}"


def _could_be_seen(differences: Sequence[Difference]) -> str:
    """Return what difference could have been seen."""
    known = [one.detectable for one in differences if one.detectable is not None]
    if not known:
        return ""
    low, high = f"{min(known):.3f}", f"{max(known):.3f}"
    return f"; differences under {low if low == high else f'{low} to {high}'} could not have been seen reliably"
