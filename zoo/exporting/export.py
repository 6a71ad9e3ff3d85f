"""Export a trained model to a file that runs without histozoo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from zoo.classifier import from_pretrained
from zoo.classifier.golden_outputs import check_golden, read_golden
from zoo.classifier.resolve import resolve
from zoo.errors import ExportError, PluginError
from zoo.exporting.agreement import Agreement
from zoo.exporting.checked_file import write_checked
from zoo.exporting.exporters import choose_exporter, require_packages
from zoo.files import atomic_file, next_free, refuse_existing
from zoo.progress import Reporter, reporter_for
from zoo.runs import Run
from zoo.spec import Exporter


@dataclass(frozen=True, kw_only=True)
class Exported:
    """An exported file, and how much it differs from its model."""

    path: Path
    exporter: Exporter
    size: int
    """In bytes."""
    largest_difference: Agreement


def export(
    model: str | Path | Run,
    out: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - the word that everybody uses
    progress: Reporter | bool = True,
) -> Exported:
    """Export a trained model to one file with logits and probabilities as outputs, for any number of images.

    The file is run before it is kept: on the images whose logits were saved with the weights, and in batches of 1, 2
    and 7. If it does not give what the model gives, that is an error, and there is no file.

    Args:
        model: A run, the folder of a run or of a bundle, or a Hub id such as `you/dala-breakhis-40x`.
        out: The file to write. Its suffix is the format: .onnx (ONNX), .pt2 (torch.export), or that of a plugin.
        format: The name of the format, where several have the same suffix.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

    Returns:
        The file, and its largest differences from the model.

    Examples:
        >>> zoo.export("runs/dala-breakhis-1", "dala.onnx").largest_difference.logits < 1e-4
        True
    """
    path, reporter = Path(out).expanduser(), reporter_for(progress)
    exporter = choose_exporter(path, format)
    require_packages(exporter)
    refuse_existing(path, hint=f"choose another file, such as {next_free(path)}")
    folder = resolve(model, progress=reporter)
    classifier = from_pretrained(folder)
    golden = read_golden(folder)
    check_golden(classifier, golden, where=str(folder))
    with _new_file(path) as part:
        agreement = write_checked(exporter, classifier, golden, part, path=path, progress=reporter)
        if others := sorted(other.name for other in part.parent.iterdir() if other != part):
            raise PluginError(
                f"{exporter.write} writes other files too: {', '.join(others)}",
                where=f"format {exporter.name}",
                hint="a model must be one file, which can be moved; no file was written",
            )
        refuse_existing(path, hint="another process wrote it in the meantime")
        size = part.stat().st_size
    return Exported(path=path, exporter=exporter, size=size, largest_difference=agreement)


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Yield a path in an empty folder; its file becomes a new file at `path`; an ExportError if it cannot be written.

    A format that writes several files is noticed in a folder of its own, and none of them stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.", suffix=".part") as folder:
            part = Path(folder, path.name)
            yield part
            with atomic_file(path) as new:
                part.replace(new)
    except OSError as error:
        raise ExportError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
