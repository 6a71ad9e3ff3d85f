"""The table of a paper's results: its rows are models, its columns are data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from zoo.errors import UnknownNameError, check_known, look_up
from zoo.registry import registry
from zoo.spec import Entry, Paper, ReportedData


@dataclass(frozen=True, kw_only=True)
class PaperTable:
    """The rows and columns of a paper's table."""

    name: str
    """The name of the paper in the registry."""
    paper: Paper
    rows: tuple[Entry, ...]
    columns: Mapping[str, ReportedData]

    def row(self, name: str) -> Entry:
        """Return a row by its name."""
        return next(row for row in self.rows if row.name == name)

    def chosen(self, *, models: Sequence[str] = (), columns: Sequence[str] = ()) -> PaperTable:
        """Return the table with some of its rows and columns; with all of them if none are named.

        Args:
            models: Names of rows.
            columns: Names of columns, or their last words, such as `40x`.
        """
        check_known(f"row of the table of {self.name}", models, [row.name for row in self.rows])
        short = {name.split()[-1]: name for name in self.columns}
        for name in columns:
            if name not in short and name not in self.columns:
                raise UnknownNameError(f"column of the table of {self.name}", name, short)
        wanted = [short.get(name, name) for name in columns]
        return replace(
            self,
            rows=tuple(row for row in self.rows if not models or row.name in models),
            columns={name: data for name, data in self.columns.items() if not columns or name in wanted},
        )


def paper_table(name: str) -> PaperTable:
    """Return the table of a paper by the paper's name in the registry."""
    return look_up("paper", name, paper_tables())


def paper_tables() -> dict[str, PaperTable]:
    """Return the tables of all papers that can be reproduced: those with results on data that a source reads."""
    catalog = registry().catalog
    tables = {}
    for name, paper in catalog.papers.items():
        rows = [row for row in catalog.models.values() if row.paper == name and set(row.claims) & set(paper.data)]
        if rows:
            tables[name] = PaperTable(name=name, paper=paper, rows=tuple(rows), columns=paper.data)
    return tables
