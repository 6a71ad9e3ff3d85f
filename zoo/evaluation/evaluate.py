"""Evaluation of a model: on a held-out part of the data that it was trained on, or on images that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

from zoo.bundle.provenance import Provenance
from zoo.classifier import Classifier, from_pretrained
from zoo.config.train_config import TOLERATED, DataConfig
from zoo.data.pixels.prepare import Prepared, prepare
from zoo.data.source_lookup import check_patient_names, find_source, read_manifest
from zoo.device import choose_compute, choose_device
from zoo.distributed.world import local_device, open_world
from zoo.errors import UnknownNameError, UsageError
from zoo.evaluation.by_column import check_columns
from zoo.evaluation.class_map import map_classes
from zoo.evaluation.evaluation import Evaluation, check_same_classes, evaluate_classifier
from zoo.evaluation.robustness import stress_classifier
from zoo.evaluation.selection import Selection, all_images, part_of_training, unseen_images
from zoo.evaluation.split_of_training import NOT_OF_TRAINING, split_of_training
from zoo.metrics.metrics_file import Part, SeenImages
from zoo.progress import Reporter, Silent, reporter_for
from zoo.registry import registry
from zoo.runs import Run, is_run
from zoo.spec import Source

NEW_HEAD = "the head was replaced since the training"
NOT_HERE = "the model was trained elsewhere"


def evaluate(
    model: str | Path | Run,
    *,
    data: str | None = None,
    root: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    part: Part = "test",
    split_file: str | Path | None = None,
    include_seen: bool = False,
    other_patients: bool = False,
    stress: bool = False,
    by: str | Sequence[str] = (),
    class_map: Mapping[str, str] | None = None,
    coverage: float | None = None,
    threshold: float | Literal["validation"] | None = None,
    device: str = "auto",
    store: bool = True,
    tolerate: float = TOLERATED,
    progress: Reporter | bool = True,
) -> Evaluation:
    """Evaluate a run, a bundle or a Hub model on the held-out part of its own data, or on other data.

    Of other data, images that the model was trained or validated on are left out, and so are other images of the same
    patients. That concerns data that have grown, another magnification of the same patients, and copies of images.

    Args:
        model: A run, the folder of a run or of a bundle, or a Hub id such as `you/dala-breakhis-40x`.
        data: The name of a data source, or a path whose layout is recognized; by default the source that the model was
            trained on.
        root: Path of the data; by default that of the run's training.
        options: Options of the data source; by default those of the training.
        part: The part of the training's split to evaluate: `train`, `val` or `test`.
        split_file: The file that the training took its split from, for a model whose run is not at hand.
        include_seen: Measure images that the model has seen too, and mark the results as leaked.
        other_patients: The patients of these data are other people than those of the training, even where they have
            the same names.
        stress: Measure the images again with degradations of stain, blur, JPEG, brightness and scale.
        by: Columns of the data, such as `magnification`, `subtype` or `patient`, for whose values the measures are
            computed too.
        class_map: The model's class for each class of the data that is called otherwise; several may be the same.
        coverage: Measure prediction sets of this coverage, such as 0.9.
        threshold: The decision threshold of two classes, or `validation` for the best one on the validation part of the
            training; by default the model's own.
        device: `auto`, `cpu`, `cuda`, or a torch device such as `cuda:1`.
        store: Decode each image once into the cache, or every time it is read.
        tolerate: The share of images that may be unreadable.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

    Returns:
        The metrics with their 95 % intervals, and the probabilities of each image.

    Examples:
        >>> report = zoo.evaluate("runs/dala-breakhis-1")
        >>> report.metrics.measures.values["balanced_accuracy"]
    """
    if part not in get_args(Part):
        raise UnknownNameError("part", part, get_args(Part))
    compute = choose_compute(str(local_device(choose_device(device))), "float32")
    with open_world(compute.device) as world:
        reporter = reporter_for(progress) if world.chief else Silent()
        path = Path(model).expanduser()
        classifier = from_pretrained(model if isinstance(model, str) else path)
        training = classifier.config.training
        if threshold is not None:
            classifier.calibration = classifier.calibration.with_threshold(threshold, classes=len(classifier.classes))
        if coverage is not None:
            classifier.calibration.check_coverage(coverage, classifier.classes)
        run = Run.open(path) if is_run(path) else None
        source, found_root, found_options = _data(training, run, data=data, root=root, options=options or {})
        last = classifier.config.last_training
        if last and source.name == last.data.source and not other_patients:
            check_patient_names(source, found_options, trained=last.data.options)
        config = DataConfig(source=source.name, root=found_root, options=found_options, store=store, tolerate=tolerate)
        columns = [by] if isinstance(by, str) else list(dict.fromkeys(by))
        manifest = read_manifest(source, root=config.root, options=config.options, progress=reporter)
        if class_map or sorted(manifest.classes) == sorted(classifier.classes):  # maybe in another order
            manifest = map_classes(manifest, class_map or {}, onto=classifier.classes)
        check_same_classes(manifest, classifier)
        check_columns(manifest, columns)
        size = classifier.config.preprocessing
        prepared = prepare(manifest, size, reporter, store=config.store, tolerated=config.tolerate)
        world.check_equal("data", prepared.fingerprint)
        selection = _selection(
            prepared,
            classifier,
            run,
            part,
            split_file=Path(split_file).expanduser() if split_file is not None else None,
            other_patients=other_patients,
            include_seen=include_seen,
        )
        if selection.seen is not None and selection.part.part == "all":
            elsewhere = NOT_HERE if classifier.config.trained_elsewhere else NEW_HEAD
            reporter.say(_message(selection.seen, NOT_OF_TRAINING if training else elsewhere))
        evaluation = evaluate_classifier(
            classifier,
            prepared,
            selection=selection,
            compute=compute,
            progress=reporter,
            world=world,
            by=columns,
            coverage=coverage,
        )
        if class_map:
            evaluation = replace(evaluation, metrics=replace(evaluation.metrics, class_map=dict(class_map)))
        if not stress:
            return evaluation
        found = stress_classifier(
            classifier, prepared, evaluation, selection=selection, compute=compute, progress=reporter, world=world
        )
        return replace(evaluation, metrics=replace(evaluation.metrics, stress=found))


def _data(
    training: Provenance | None,
    run: Run | None,
    *,
    data: str | None,
    root: str | Path | None,
    options: Mapping[str, Any],
) -> tuple[Source, Path | None, Mapping[str, Any]]:
    """Return the data source, the path of the data and the options: those of the training unless others are given."""
    if data is None:
        if training is None:
            raise UsageError("this model does not say what it was trained on", hint="give --data and --root")
        data = training.data.source
        root = run.record.config.data.root if run and root is None else root
    source, found = find_source(data, root, registry().plugins.sources)
    same = training is not None and source.name == training.data.source
    return source, found, {**training.data.options, **options} if training and same else options


def _selection(
    prepared: Prepared,
    classifier: Classifier,
    run: Run | None,
    part: Part,
    *,
    split_file: Path | None,
    other_patients: bool,
    include_seen: bool,
) -> Selection:
    """Return the images to evaluate: a part of the training's split, or of other data those that were not seen."""
    training, seen = classifier.config.training, classifier.seen
    split = split_of_training(prepared, training, seen, run, file=split_file)
    if training and split:
        return part_of_training(prepared, split, training.split, part, before=seen.before if seen else None)
    if part != "test":
        raise UsageError(f"there is no {part} part: {NOT_OF_TRAINING}")
    last = classifier.config.last_training
    if last is None and seen is None:
        return all_images(prepared)
    trained_on = last.data.source if last else None
    return unseen_images(
        prepared, seen, trained_on=trained_on, other_patients=other_patients, include_seen=include_seen
    )


def _message(seen: SeenImages, why: str) -> str:
    """Return what is said about the images of data that are not evaluated by the parts of the training, and why."""
    if seen.measured or not (seen.known or seen.images):
        return f"{why}, and all images are evaluated: {seen}"
    left_out = f"{seen.images:,} images are left out" if seen.images else "no image is left out"
    return f"{why}; {left_out}: {seen}"
