"""What the results of a reproduction say: sentences for the terminal and for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zoo.metrics.metrics_file import SYNTHETIC_NUMBERS
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import NONE, decimal, interval_text, signed_interval, stated, with_interval, with_sign
from zoo.reproduction.results import MAIN, SECONDS, SMOKE_RUN, DataFacts, LeakCell, PaperCell, Results
from zoo.text import counted

SMOKE_WARNING = "smoke run: says nothing about the paper"
"""Stands beside every number of a smoke run."""
INTERVALS: Mapping[str, str] = {
    "patient": "95 % interval over test patients",
    "image": "95 % interval over test images",
    "runs": "range of 95 % of single runs",
}


def warnings(results: Results) -> list[str]:
    """Return what a reader must know before the first number."""
    found = []
    if results.budget == "smoke":
        found.append(f"{SMOKE_WARNING}. One epoch on a few small images, from scratch, with the paper's networks.")
    if results.synthetic:
        found.append(SYNTHETIC_NUMBERS)
    if results.one_for_all:
        columns = counted(len({one.column for one in results.data}), "column")
        found.append(
            f"The data set {results.source} is not divided as the paper's: each model was trained once, and the same "
            f"numbers stand beside the paper's {columns}."
        )
    if results.finished < results.total:
        found.append(f"Not finished: {results.finished} of {counted(results.total, 'run')} are.")
    return found


def measures_of(results: Results) -> list[str]:
    """Return the measures that the paper states, in its order; the seconds are not among them."""
    return [name for name in dict.fromkeys(cell.measure for cell in results.cells) if name != SECONDS]


def name_of(measure: str) -> str:
    """Return the name of a measure for a reader."""
    return "seconds to the best epoch" if measure == SECONDS else measure_name(measure)


def common_reasons(cells: Sequence[PaperCell]) -> tuple[str, ...]:
    """Return the reasons that all cells that are not comparable have in common, which are said once."""
    of_each = [cell.reasons for cell in cells if cell.verdict == "not comparable"]
    if not of_each or any(cell.verdict in ("agrees", "differs") for cell in cells):
        return ()
    return tuple(reason for reason in of_each[0] if all(reason in reasons for reasons in of_each))


def verdict(cell: PaperCell, said: Sequence[str] = ()) -> str:
    """Return the verdict on a cell with its reasons, but for those that are said elsewhere.

    That it is of a smoke run is always said.
    """
    reasons = [reason for reason in cell.reasons if reason not in said or reason == SMOKE_RUN]
    return f"{cell.verdict}: {', '.join(reasons)}" if reasons else cell.verdict


def number(cell: PaperCell) -> str:
    """Return the measured value."""
    return decimal(cell.ours)


def interval(cell: PaperCell) -> str:
    """Return the interval of the measured value; empty if there is none."""
    return interval_text(cell.interval)


def value(cell: PaperCell) -> str:
    """Return the measured value with its interval."""
    return number(cell) if cell.ours is None else with_interval(cell.ours, cell.interval)


def paper_value(cell: PaperCell, results: Results) -> str:
    """Return the paper's value with the digits that the paper gives it."""
    return stated(cell.paper, results.paper_digits)


def difference(cell: PaperCell) -> str:
    """Return the measured value minus the paper's."""
    return NONE if cell.difference is None else with_sign(cell.difference)


def seconds(cell: PaperCell | None) -> str:
    """Return the seconds in the paper and the measured ones; empty if the paper states none."""
    if cell is None:
        return ""
    return f"{cell.paper:,.0f} / {'–' if cell.ours is None else f'{cell.ours:,.0f}'}"


def intervals_note(results: Results) -> str:
    """Return what the intervals in the tables are."""
    kinds = dict.fromkeys(cell.interval_of for cell in results.cells if cell.interval_of)
    return "; ".join(INTERVALS[kind] for kind in kinds)


def parameters(paper: int | None, ours: int | None) -> str:
    """Return how the paper's number of parameters compares with the measured one."""
    if ours is None:
        return "not measured"
    if paper is None:
        return "not stated"
    return "equal" if paper == ours else f"differs by {ours - paper:+,}"


def device_sentence(results: Results) -> str:
    """Return what the seconds depend on."""
    if not results.device or all(cell.measure != SECONDS for cell in results.cells):
        return ""
    return f"Seconds depend on the computer, so they are not compared. Ours: {results.device}."


def leak_difference(cell: LeakCell) -> str:
    """Return what a split by image adds to a measure, with its interval or why there is none."""
    if cell.difference is None:
        return cell.reason
    if cell.interval is None:
        return f"{with_sign(cell.difference)} ({cell.reason})"
    return f"{with_sign(cell.difference)} ({signed_interval(cell.interval)})"


def how_to_read(results: Results) -> str:
    """Return what agrees and differs mean."""
    kinds = intervals_note(results)
    behind = f" ({kinds})" if kinds else ""
    return (
        f"Agrees: the paper's number lies in our interval{behind}. Differs: it does not. The paper states single "
        "numbers, and how uncertain they are is not known, so that neither proves the paper right or wrong. Not "
        "comparable: ours was measured in another way, which is stated."
    )


HOW_LEAK = (
    "Two trainings of each model on the images that are in the test part of both splits, so that neither was trained "
    "on them. The model whose data were split by image was trained on other images of the same patients; the other one "
    "was not. The difference is what that leak adds. It has a paired 95 % interval over patients, and over "
    "seeds if there are several. The other measures are in results.json."
)


def overview_heading(results: Results, split: str) -> str:
    """Return the heading of the table of the main measure with one split."""
    how = f", split by {split}" if len(results.splits) > 1 else ""
    return f"{name_of(MAIN).capitalize()}{how}"


def heading(results: Results, data: DataFacts) -> str:
    """Return the heading of the table of one column and split."""
    how = f", split by {data.split}" if len(results.splits) > 1 else ""
    return f"{data.column[:1].upper()}{data.column[1:]}{how}"


def about_cells(results: Results, said: Sequence[str]) -> str:
    """Return what holds for all numbers of a table."""
    text = f"{counted(len(results.seeds), 'run')} of each model"
    others = [reason for reason in said if reason != SMOKE_RUN]
    return marked(f"{text}. Not comparable because of: {', '.join(others)}" if others else text, results)


def marked(text: str, results: Results) -> str:
    """Return a text, with the mark that numbers of a smoke run have."""
    return f"{text} ({SMOKE_WARNING})" if results.budget == "smoke" else text


def not_done(results: Results) -> list[str]:
    """Return what this reproduction does not show."""
    missing = []
    if results.budget == "smoke":
        missing.append("The paper's recipe was not followed: one epoch, few and small images, from scratch.")
    if len(results.seeds) == 1:
        missing.append("Each model was trained once: the intervals do not show how results vary between trainings.")
    if results.splits == ("image",) and any(one.test_images and one.test_patients is None for one in results.data):
        missing.append(
            "Whether anything was measured on new patients is not known: the data were split by image, as in the "
            "paper, and do not state the patients."
        )
    elif results.splits == ("image",):
        missing.append(
            "Nothing was measured on new patients: images of one patient are in training and test, as in the paper. "
            "--split both shows what that is worth."
        )
    if results.left_out:
        missing.append(f"Left out of the paper's table: {', '.join(results.left_out)}.")
    missing.append("The paper's numbers were taken as they are printed; nothing in it was recomputed.")
    return missing
