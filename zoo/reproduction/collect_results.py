"""The results of a reproduction, collected from the runs that are finished."""

from __future__ import annotations

from collections.abc import Sequence

from zoo.config.reproduction_config import ReproductionConfig
from zoo.registry import registry
from zoo.reproduction.compare_with_paper import cells_of
from zoo.reproduction.leak_difference import leak_cells
from zoo.reproduction.measured import Measured
from zoo.reproduction.paper_table import paper_table
from zoo.reproduction.results import MAIN, DataFacts, ModelFacts, PaperCell, Results
from zoo.reproduction.study import Study
from zoo.spec import Entry


def collect_results(study: Study, config: ReproductionConfig, measured: Sequence[Measured]) -> Results:
    """Return the paper's numbers beside those of the finished runs."""
    cells = tuple(cell for one in measured for cell in cells_of(one, study, config))
    finished = [run for one in measured for run in one.runs]
    paper = study.table.paper
    return Results(
        paper=study.table.name,
        title=paper.title,
        budget=config.budget,
        source=study.source.name,
        synthetic=study.source.synthetic or any(run.metrics.data.synthetic for run in finished),
        splits=study.splits,
        paper_split=paper.split,
        paper_digits=paper.digits,
        seeds=tuple(study.grids[0].config.all_seeds),
        one_for_all=len(study.data) < len(study.table.columns),
        device=finished[0].record.resolved.computing if finished else None,
        finished=len(finished),
        total=sum(len(grid.config.cells) for grid in study.grids),
        answer=_answer(study, config, cells),
        cells=cells,
        models=tuple(_model(row, [one for one in measured if one.model == row.name]) for row in study.table.rows),
        data=tuple(
            _data(study, column, split, [one for one in measured if column in one.data.columns and one.split == split])
            for column in study.table.columns
            for split in study.splits
        ),
        leak=tuple(leak_cells(measured, study)),
        readings=_recipe_readings(study),
        left_out=_left_out(study),
        failures={name: text for one in measured for name, text in one.errors.items()},
    )


def _answer(study: Study, config: ReproductionConfig, cells: Sequence[PaperCell]) -> str:
    """Return the answer in a sentence or two."""
    main = [cell for cell in cells if cell.measure == MAIN and cell.split == study.table.paper.split]
    main = main or [cell for cell in cells if cell.measure == MAIN]
    count = {name: sum(cell.verdict == name for cell in main) for name in ("agrees", "differs", "not comparable")}
    missing = len(main) - sum(count.values())
    left = f", and {missing} {'was' if missing == 1 else 'were'} not measured" if missing else ""
    if config.budget == "smoke":
        done = "every row was trained and evaluated" if not missing else f"{missing} of {len(main)} results are missing"
        return f"This was a smoke run, which says nothing about the paper: {done}."
    accuracies = "accuracy" if len(main) == 1 else "accuracies"
    return (
        f"Of {len(main)} {accuracies} in the paper, {count['agrees']} {_verb(count['agrees'], 'agree')} with ours, "
        f"{count['differs']} {_verb(count['differs'], 'differ')}, and {count['not comparable']} cannot be "
        f"compared{left}."
    )


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def _model(row: Entry, measured: Sequence[Measured]) -> ModelFacts:
    runs = [run for one in measured for run in one.runs]
    initial = runs[0].record.initial_weights if runs else None
    return ModelFacts(
        model=row.name,
        parameters=runs[0].parameters if runs else None,
        paper_parameters=row.claimed_parameters,
        initial_weights=initial.used if initial else None,
        readings=row.readings,
    )


def _data(study: Study, column: str, split: str, measured: Sequence[Measured]) -> DataFacts:
    runs = [run for one in measured for run in one.runs]
    record = runs[0].record if runs else None
    patients = record.split.patients if record else None
    return DataFacts(
        column=column,
        split="image" if split == "image" else "patient",
        name=record.data.name if record else None,
        images=sum(record.data.images.values()) if record else None,
        paper_images=study.table.columns[column].images,
        train_images=record.split.images.train if record else None,
        test_images=record.split.images.test if record else None,
        test_patients=patients.test if patients else None,
        shared_patients=record.split.shared_patients if record and patients else None,
    )


def _recipe_readings(study: Study) -> tuple[str, ...]:
    """Return how the recipes of the rows read what the paper leaves open."""
    recipes = dict.fromkeys(row.recipe for row in study.table.rows)
    return tuple(reading for name in recipes for reading in registry().recipe(name).readings)


def _left_out(study: Study) -> tuple[str, ...]:
    """Return the rows and columns of the paper's table that were not asked for."""
    whole = paper_table(study.table.name)
    asked = {row.name for row in study.table.rows}
    rows = [row.name for row in whole.rows if row.name not in asked]
    columns = [name for name in whole.columns if name not in study.table.columns]
    return (*rows, *columns)
