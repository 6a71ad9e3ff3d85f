"""The answer of a comparison in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from zoo.comparison.comparison import ModelResult, Pair
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import SIGNIFICANT, interval_text, p_text


def is_better(pair: Pair) -> bool:
    """Return whether the first model of a pair is better: its corrected p-value is below 0.05."""
    return pair.corrected_p is not None and pair.corrected_p < SIGNIFICANT


def answer(models: Sequence[ModelResult], pairs: Sequence[Pair], *, images: int, patients: int | None) -> str:
    """Return whether the best model is better than the second best, and than how many others.

    Args:
        models: The models, the best first.
        pairs: All pairs, those of the best model first.
        images: The number of images.
        patients: The number of patients; None if they are not known.
    """
    pair = pairs[0]
    difference, name = pair.differences[MAIN], measure_name(MAIN)
    if difference.interval is None or difference.detectable is None or pair.corrected_p is None:
        if pair.agreement == 1:
            why = f"they call all {images:,} images the same"
        elif difference.value == 0:
            why = f"both have the {name} {difference.first:.3f}, and there is {difference.reason}"
        else:
            why = f"the difference is {difference.value:.3f} {name}, and there is {difference.reason}"
        return f"It cannot be said that {pair.first} is better than {pair.second}: {why}."
    corrected = " after correction" if len(pairs) > 1 else ""
    numbers = f"(95 % {interval_text(difference.interval)}, {p_text(pair.corrected_p)}{corrected})"
    units = f"{patients:,} patients" if patients is not None else f"{images:,} images of unknown patients"
    seen = f"with {units}, differences under {difference.detectable:.3f} could not have been seen reliably"
    if is_better(pair):
        text = f"{pair.first} is better than {pair.second} by {difference.value:.3f} {name} {numbers}; {seen}."
    else:
        equal = (
            f"both have the {name} {difference.first:.3f}"
            if difference.value == 0
            else (f"{pair.first} is ahead by {difference.value:.3f} {name}")
        )
        text = f"No difference was found between {pair.first} and {pair.second}: {equal} {numbers}; {seen}."
    if len(models) == 2:
        return text
    others = [pair for pair in pairs if pair.first == models[0].name]
    better = sum(map(is_better, others))
    count = "none" if not better else "all" if better == len(others) else f"{better}"
    return f"{text} {models[0].name} is better than {count} of the {len(others)} other models."


def non_inferiority(pairs: Sequence[Pair], margin: float | None) -> list[str]:
    """Return for each pair whether the second model is not worse than the first by more than a margin.

    Args:
        pairs: The pairs, the better model first.
        margin: The margin, in balanced accuracy; without one nothing is returned.
    """
    lines = []
    for pair in pairs if margin is not None else ():
        interval = pair.differences[MAIN].interval
        if interval is None or pair.second_not_worse is None:
            lines.append(f"Whether {pair.second} is worse than {pair.first} by more than {margin:g} cannot be said.")
            continue
        verdict = "is not worse" if pair.second_not_worse else "may be worse"
        lines.append(
            f"{pair.second} {verdict} than {pair.first} by more than {margin:g}: the 95 % interval of the difference "
            f"ends at {interval[1]:.3f}."
        )
    return lines
