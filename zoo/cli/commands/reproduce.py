"""`zoo reproduce`: train and evaluate every row of a paper's table, and compare."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from zoo.cli.completion import complete_paper, complete_reproduction
from zoo.cli.config_options import GroupedCommand, config_options, given_options
from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option, resume_option
from zoo.config.reproduction_config import reproduction_keywords
from zoo.progress import command_reporter


@click.command("reproduce", cls=GroupedCommand)
@click.argument("paper", required=False, shell_complete=complete_paper)
@config_options(reproduction_keywords().values())
@resume_option(help_text="Continue the reproduction in this folder.", complete=complete_reproduction)
@json_option
@click.pass_context
def command(ctx: click.Context, /, paper: str | None, resume: str | None, as_json: bool, **_: Any) -> int:
    """Train and evaluate every row of a paper's table, and compare with the paper's numbers.

    PAPER is liu2023, guo2024 or kim2023, or a paper of a registry file; without one, all papers are listed. The same
    command again continues where the last one stopped.

    To see that everything works, in minutes: zoo reproduce guo2024 --data sample --budget smoke
    """
    from zoo.cli.output.reproduction_summary import print_reproduction
    from zoo.reproduction import reproduce_from, reproduction_config, resume_reproduction

    given = given_options(ctx, reproduction_keywords())
    if resume is not None:
        reproduction = resume_reproduction(resume, given, paper=paper, progress=command_reporter())
    elif paper is None:
        if given:
            raise click.UsageError("no paper given: `zoo reproduce` lists all papers")
        _list(as_json=as_json)
        return 0
    else:
        reproduction = reproduce_from(reproduction_config(paper, given), progress=command_reporter())
    if as_json:
        print_json(reproduction.as_dict())
    else:
        print_reproduction(reproduction)
    return 1 if reproduction.results.failures else 0


def _list(*, as_json: bool) -> None:
    """Print the papers that can be reproduced."""
    from zoo.reproduction.paper_table import paper_tables

    tables = paper_tables()
    if as_json:
        print_json(
            [
                {**asdict(table.paper), "name": name, "models": [row.name for row in table.rows]}
                for name, table in tables.items()
            ]
        )
        return
    print_table(
        ["paper", "models", "results on", "authors", "title"],
        [
            [name, str(len(table.rows)), ", ".join(table.columns), table.paper.authors, table.paper.title]
            for name, table in tables.items()
        ],
        right=["models"],
    )
