"""The tables of a benchmark as Markdown: models, pairs, degraded images, cost, and the splits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from zoo.benchmark.benchmark_results import SHOWN, BenchmarkResults, ModelFacts, OverRuns, PartFacts, TestedPair
from zoo.benchmark.protocol import SPLITS
from zoo.benchmark.sentences import signed
from zoo.bundle.card.markdown import code, plain, table
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import NONE, decimal, interval_text, p_value, whole

HOW_MEASURED = (
    "Mean over the runs, ± their standard deviation, and a 95 % interval of the mean. All runs of a part are tested on "
    "the same images, and the interval covers the choice of these {unit}s and that of the seeds; it is too wide rather "
    "than too narrow. In a cross-validation every {unit} is tested once, and the interval is that of Nadeau and Bengio "
    "over the folds. The baseline is a logistic regression on statistics of color and texture, fitted on the same "
    "training images; the difference from it is paired, by {unit}, covers the runs, and is not corrected for the "
    "number of networks. The calibration error is the expected calibration error before and after a temperature was "
    "fitted on the validation images."
)
HOW_TESTED = (
    "Differences on the same images, with a 95 % interval over {unit}s and runs, and a p-value in balanced accuracy "
    "that is corrected for the number of pairs of its part (Holm). The last column is the smallest true difference in "
    "balanced accuracy that these {unit}s and runs would have shown with a probability of 80 %."
)
HOW_STRESSED = (
    "The balanced accuracy of the first run of each model with degraded test images: the mean over all strengths of "
    f"all degradations (robustness), and the strength at which 5 points are lost ({NONE} if none of those tested)."
)
HOW_PREDICTED = (
    "A prediction is that of the network alone, in float32 and batches of 16, measured for a second. Speeds depend on "
    "the machine and on what else it does: two measurements of the same network can differ by a third."
)

_FREE = re.compile(r" \([^()]* free\)")
"""The memory of a GPU that was free when a training began, which differs from one to the next."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9/._~%#?&=-]*[A-Za-z0-9/]")
"""An address in a text, without the punctuation after it."""


def models_table(results: BenchmarkResults) -> list[str]:
    """Return the table of models, and how to read it; nothing without a finished run."""
    head = [
        *("part", "model", "parameters", "runs", *map(measure_name, SHOWN), "baseline", "network minus baseline"),
        *("calibration error", "calibrated"),
    ]
    rows = [_model_row(one) for one in results.models]
    if not rows:
        return []
    return [table(head, rows, numbers=head[2:]), HOW_MEASURED.format(unit=results.unit)]


def _model_row(one: ModelFacts) -> list[str]:
    beside = one.beside_baseline
    return [
        plain(one.part),
        plain(one.model),
        whole(one.parameters),
        str(one.runs),
        *(over_runs(one.measures.get(name)) for name in SHOWN),
        decimal(beside.second if beside else None),
        signed(beside.value, beside.interval) if beside else NONE,
        decimal(one.error_before),
        decimal(one.error),
    ]


def over_runs(found: OverRuns | None) -> str:
    """Return a measure over runs: mean, deviation and interval."""
    if found is None:
        return NONE
    spread = f" ± {found.deviation:.3f}" if found.deviation is not None else ""
    interval = f" ({interval_text(found.interval)})" if found.interval else ""
    return f"{found.mean:.3f}{spread}{interval}"


def pairs_table(results: BenchmarkResults) -> list[str]:
    """Return the table of tested pairs."""
    head = [
        *("part", "pair", *map(measure_name, SHOWN), "p", f"images, {results.unit}s"),
        "could have been seen",
    ]
    if not results.pairs:
        return []
    rows = [_pair_row(one) for one in results.pairs]
    return [table(head, rows, numbers=head[2:]), HOW_TESTED.format(unit=results.unit)]


def _pair_row(one: TestedPair) -> list[str]:
    found, main = [one.differences.get(name) for name in SHOWN], one.differences.get(MAIN)
    return [
        plain(one.part),
        plain(one.name),
        *(NONE if each is None else signed(each.value, each.interval) for each in found),
        NONE if one.corrected_p is None else p_value(one.corrected_p),
        f"{one.images:,}, {whole(one.patients)}",
        decimal(main.detectable if main else None),
    ]


def stress_table(results: BenchmarkResults) -> list[str]:
    """Return the table of degraded images."""
    stressed = [(one, one.extras.stress) for one in results.models if one.extras.stress]
    if not stressed:
        return []
    curves = [curve.name for curve in stressed[0][1].curves]
    rows = []
    for one, test in stressed:
        lost = {curve.name: curve.loses_five_points_at for curve in test.curves}
        strengths = [NONE if (at := lost.get(name)) is None else f"{at:.2g}" for name in curves]
        rows.append([plain(one.part), plain(one.model), f"{test.value:.3f}", f"{test.robustness:.3f}", *strengths])
    head = ["part", "model", "unchanged", "robustness", *map(plain, curves)]
    units = "; ".join(f"{curve.name}: {curve.unit}" for curve in stressed[0][1].curves)
    return [table(head, rows, numbers=head[2:]), f"{HOW_STRESSED} The strengths are: {plain(units)}."]


def cost_table(results: BenchmarkResults) -> list[str]:
    """Return the table of costs."""
    head = [
        *("part", "model", "million multiply-adds", "images/s predicted", "MB of GPU memory", "images/s trained"),
        *("MB in training", "minutes a training"),
    ]
    rows = [_cost_row(one) for one in results.models]
    devices = {_FREE.sub("", device) for part in results.parts for device in part.computing.split("; ") if device}
    computed = "Trained " + "; ".join(map(plain, sorted(devices))) + "."
    return [table(head, rows, numbers=head[2:]), f"{HOW_PREDICTED} {computed}"] if rows else []


def _cost_row(one: ModelFacts) -> list[str]:
    cost = one.extras.cost
    return [
        plain(one.part),
        plain(one.model),
        NONE if cost is None else f"{cost.multiply_adds / 1e6:,.1f}",
        NONE if cost is None else f"{cost.images_per_second:,.0f} ({plain(cost.device)})",
        _megabytes(cost.peak_memory_bytes if cost else None),
        NONE if one.images_per_second is None else f"{one.images_per_second:,.0f}",
        _megabytes(one.peak_memory_bytes),
        NONE if one.seconds is None else f"{one.seconds / 60:.1f}",
    ]


def _megabytes(count: int | None) -> str:
    return NONE if count is None else f"{count / 1e6:,.0f}"


def splits_table(results: BenchmarkResults, files: str) -> list[str]:
    """Return the table of splits and recipes."""
    head = [
        *("part", "split by", "recipe", "changed settings", "images", f"{results.unit}s"),
        *(f"test {results.unit}s also in training", "split"),
    ]
    rows = [_part_row(part, results, files) for part in results.parts if part.runs]
    return [_with_links(results.obtain), table(head, rows)] if rows else []


def _with_links(text: str) -> str:
    """Return a text, escaped but for its addresses, which are links."""
    escaped = plain(text)
    for address in sorted(set(_ADDRESS.findall(text)), key=len, reverse=True):
        escaped = escaped.replace(plain(address), f"<{address}>")
    return escaped


def _part_row(part: PartFacts, results: BenchmarkResults, files: str) -> list[str]:
    first = " (fold 0)" if part.settings.get("folds") else ""
    return [
        plain(part.name),
        plain(results.unit if part.split == "patient" else part.split),
        code(part.recipe),
        ", ".join(code(f"{name}={_value(value)}") for name, value in part.settings.items()),
        _sizes(part.images) + first,
        _sizes(part.patients) + first,
        f"{part.shared_patients:,}" if part.patients else NONE,
        f"[{plain(part.name)}.csv]({files}{SPLITS}/{part.name}.csv)",
    ]


def _value(value: object) -> str:
    """Return the value of a setting as the command line takes it."""
    return ",".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def _sizes(numbers: Mapping[str, int]) -> str:
    """Return the numbers of training, validation and test."""
    return " + ".join(f"{number:,}" for number in numbers.values()) if numbers else NONE
