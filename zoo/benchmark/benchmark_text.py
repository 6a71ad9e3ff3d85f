"""The results of a benchmark as Markdown with figures."""

from __future__ import annotations

from pathlib import Path

from zoo.benchmark.benchmark_figures import DIFFERENCES, MODELS, QUALITY, benchmark_figures
from zoo.benchmark.benchmark_results import BenchmarkResults, PartFacts
from zoo.benchmark.benchmark_tables import cost_table, models_table, pairs_table, splits_table, stress_table
from zoo.benchmark.sentences import baseline_sentence
from zoo.bundle.card.markdown import code, plain
from zoo.files import write_text
from zoo.metrics.metrics_file import SYNTHETIC_NUMBERS
from zoo.text import counted, listed

MARKDOWN = "results.md"
SMOKE_WARNING = "smoke run: one epoch on a few small images. Its numbers say nothing about any model."


def write_benchmark(results: BenchmarkResults, folder: Path) -> None:
    """Write results.json, results.md and the figures of a benchmark."""
    results.write(folder)
    write_text(folder / MARKDOWN, benchmark_markdown(results))
    write_figures(results, folder)


def write_figures(results: BenchmarkResults, folder: Path) -> None:
    """Write the figures."""
    for name, chart in benchmark_figures(results).items():
        write_text(folder / name, chart.file + "\n")


def benchmark_markdown(results: BenchmarkResults, *, level: int = 1, files: str = "") -> str:
    """Return the results of a benchmark as Markdown.

    Args:
        results: The results.
        level: The level of its heading.
        files: The folder of its figures and split files, with a slash at the end, from where the text will be.
    """
    figures = {name: f"![{chart.title}]({files}{name})" for name, chart in benchmark_figures(results).items()}
    sections = {
        "Models": _with(models_table(results), figures.get(MODELS)),
        "Pairs": _with(pairs_table(results), figures.get(DIFFERENCES)),
        "Degraded images": stress_table(results),
        "Cost": _with(cost_table(results), figures.get(QUALITY)),
        "Data and splits": splits_table(results, files),
        "What this does not show": _not_shown(results),
        "Not finished": _not_finished(results),
    }
    blocks = [f"{'#' * level} {plain(results.title)}", *_head(results)]
    blocks += [f"**{plain(part.question)}** {plain(part.answer)}" for part in results.parts]
    blocks.append(f"**Is a network worth it?** {plain(baseline_sentence(results))}")
    for title, content in sections.items():
        if content:
            blocks += [f"{'#' * (level + 1)} {_heading(title, results)}", *content]
    return "\n\n".join(blocks) + "\n"


def _with(blocks: list[str], figure: str | None) -> list[str]:
    return [*blocks, figure] if blocks and figure else blocks


def _heading(title: str, results: BenchmarkResults) -> str:
    """Return the heading of a section, which is marked in a smoke run."""
    return f"{title} (smoke run)" if results.budget == "smoke" else title


def _head(results: BenchmarkResults) -> list[str]:
    """Return what a reader must know first."""
    blocks = []
    if results.budget == "smoke":
        blocks.append(f"**{SMOKE_WARNING}**")
    if results.synthetic:
        blocks.append(f"**{SYNTHETIC_NUMBERS}**")
    done, of = sum(part.runs for part in results.parts), sum(part.of for part in results.parts)
    classes = ", ".join(f"{number:,} {plain(name)}" for name, number in results.classes.items())
    data = (
        f"{plain(results.data)}: {counted(sum(results.classes.values()), 'image')} ({classes}). "
        if results.data
        else ""
    )
    weights = "No pretrained weights" if results.init == "scratch" else f"Initial weights: {results.init}"
    blocks.append(
        f"{data}Protocol {code(results.protocol)} of histozoo {plain(results.version)}; "
        f"{_trainings(results)} of each model. {weights}. "
        + ("All runs are finished." if done == of else f"**Not finished: {done} of {counted(of, 'run')} are.**")
    )
    return blocks


def _trainings(results: BenchmarkResults) -> str:
    """Return how often each model is trained in a part, as text."""
    counts = sorted(set(map(_trainings_of_a_model, results.parts)))
    fewest = f"{counts[0]} to " if len(counts) > 1 else ""
    return f"{fewest}{counted(counts[-1], 'training')}"


def _trainings_of_a_model(part: PartFacts) -> int:
    """Return how often each model of a part is trained: with every seed, on every fold."""
    return part.of // len(part.models)


def _not_shown(results: BenchmarkResults) -> list[str]:
    """Return what the results do not show."""
    lines = [plain(limit) for limit in results.limits]
    if results.init == "scratch":
        lines.append(
            "All networks start from random weights. Pretrained ones are usually better with so few images, and may be "
            "in another order."
        )
    if once := [plain(part.name) for part in results.parts if _trainings_of_a_model(part) == 1]:
        where = f" in {listed(once)}" if len(once) < len(results.parts) else ""
        lines.append(
            f"Each model was trained once{where}: the intervals do not show how results vary between trainings."
        )
    lines += [
        f"{plain(one.part)}: {one.one_class} of {counted(one.runs, 'training')} of {plain(one.model)} gave all test "
        "images the same class."
        for one in results.models
        if one.one_class
    ]
    return ["\n".join(f"- {line}" for line in lines)]


def _not_finished(results: BenchmarkResults) -> list[str]:
    """Return the runs that failed, with their errors, and by part those that were not trained yet."""
    lines = [f"{plain(name)}: {plain(text.splitlines()[0])}" for name, text in results.failures.items() if text]
    for part in results.parts:
        own = [name for name, text in results.failures.items() if not text and name.startswith(f"{part.name}/")]
        if own:
            runs = ", ".join(plain(name.partition("/")[2]) for name in own)
            lines.append(f"{plain(part.name)}: {runs}")
    return ["\n".join(f"- {line}" for line in lines)] if lines else []
