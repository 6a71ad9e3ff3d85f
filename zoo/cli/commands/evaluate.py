"""`zoo evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoo.cli.output.printing import print_json
from zoo.cli.output.progress import make_reporter
from zoo.cli.shared_options import data_options, device_option, json_option, model_argument
from zoo.config.plain import plain


@click.command("evaluate")
@model_argument
@data_options
@click.option("--part", type=click.Choice(["train", "val", "test"]), default="test", show_default=True)
@click.option("--store/--no-store", default=True, help="Decode each image once into the cache, or whenever it is read.")
@click.option("--tolerate", type=float, default=0.01, show_default=True, help="The share that may be unreadable.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for metrics.json and predictions.csv.")
@device_option
@json_option
def command(model: str, options: dict[str, str], out: Path | None, as_json: bool, **given: Any) -> None:
    """Measure a run, a bundle or a Hub model on held-out data, with 95 % intervals."""
    from zoo.cli.output.run_summary import print_evaluation
    from zoo.distributed.rank import is_chief
    from zoo.evaluation import evaluate

    evaluation = evaluate(model, options=options or None, progress=make_reporter(), **given)
    if not is_chief():
        return
    if out is not None:
        evaluation.write(out)
    if as_json:
        print_json(plain(evaluation.metrics))
        return
    print_evaluation(evaluation.metrics)
    if out is not None:
        click.echo(f"written to {out}")
