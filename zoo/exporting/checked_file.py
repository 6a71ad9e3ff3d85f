"""An exported file, written and run by a format, and compared with its model."""

from __future__ import annotations

from pathlib import Path

from zoo.classifier import Classifier
from zoo.classifier.golden_outputs import Golden
from zoo.errors import ExportError
from zoo.exporting.agreement import Agreement, check_agreement
from zoo.exporting.metadata import export_metadata
from zoo.exporting.network import ExportedNetwork
from zoo.imports import import_object
from zoo.plugin_code import errors_of
from zoo.progress import Reporter
from zoo.spec import Exporter


def write_checked(
    exporter: Exporter, classifier: Classifier, golden: Golden, part: Path, *, path: Path, progress: Reporter
) -> Agreement:
    """Write a model, run the file, and return its largest differences from the model; an ExportError if they are large.

    Args:
        exporter: The format.
        classifier: The model.
        golden: The input and logits that were saved with it.
        part: The file to write.
        path: Its later name, for errors.
        progress: Says what is being done.
    """
    what = f"format {exporter.name}"
    progress.say(f"exporting {classifier.config.entry} to {exporter.title}")
    write = import_object(exporter.write, plugin=what)
    with errors_of(what, exporter.write):
        try:
            write(ExportedNetwork(classifier).eval(), golden.input, part, export_metadata(classifier))
        except OSError as error:
            raise ExportError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    if not part.is_file():
        raise ExportError(f"{exporter.write} has not written the file that it was given", where=what)
    progress.say(f"running it with {exporter.runs_with}")
    run = import_object(exporter.run, plugin=what)
    with errors_of(what, exporter.run):
        runs = run(part)
    return check_agreement(runs, classifier, golden, where=str(path))
