"""A finished table of predictions as a Parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zoo.errors import MissingExtraError
from zoo.files import atomic_file, refuse_existing


def require_pyarrow() -> None:
    """Raise a MissingExtraError if pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise MissingExtraError("pyarrow", extra="parquet") from None


def csv_to_parquet(table: Path, target: Path, *, classes: Sequence[str], columns: Sequence[str] = ()) -> None:
    """Write the rows of a table as Parquet, a block at a time, and remove the table."""
    refuse_existing(target, hint="choose a new file")
    import pyarrow
    from pyarrow import csv, parquet

    probabilities = {f"p_{name}": pyarrow.float64() for name in classes}
    texts = {name: pyarrow.string() for name in ("path", "predicted", *columns, "error")}
    numbers = {"novelty": pyarrow.float64()} if "novelty" in columns else {}
    types = {**texts, **probabilities, **numbers}
    # only an empty cell is null: by default "NA" and "null" are too, and both may be the name of a class or a file
    options = csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    parsing = csv.ParseOptions(newlines_in_values=True)
    with (
        csv.open_csv(table, parse_options=parsing, convert_options=options) as rows,
        atomic_file(target) as part,
        parquet.ParquetWriter(part, rows.schema) as writer,
    ):
        for batch in rows:
            writer.write_batch(batch)
    table.unlink()
