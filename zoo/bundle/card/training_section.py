"""The section of the card about the training of the weights."""

from __future__ import annotations

from typing import Any

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.card.markdown import code, folded, options, plain, table
from zoo.bundle.provenance import (
    TRAINED_ELSEWHERE,
    InitialModel,
    InitialWeights,
    PartSizes,
    Provenance,
    TrainingDataset,
    TrainingSplit,
)
from zoo.config.fields import settings_of
from zoo.config.recipe import Recipe
from zoo.metrics.split_method import split_method
from zoo.text import sentence

FINGERPRINT = 12
"""How many digits of the fingerprint of the data a reader sees; the metadata have all."""


def training_section(config: BundleConfig) -> str:
    """Return the section with the data, the split, the initial weights and the recipe."""
    training, earlier = config.training, config.earlier_training
    before = "" if earlier is None else f"\n\n- {_data(earlier.data)}\n- {_init(earlier.init)}"
    if training is None and config.trained_elsewhere:
        known = f" What these weights were trained on before:{before}" if before else ""
        return f"## Training\n\n**{sentence(TRAINED_ELSEWHERE)}**{known}"
    if training is None and config.fresh_head:
        others = f"All other weights were **{TRAINED_ELSEWHERE}**." if config.elsewhere else ""
        known = f"What {'these' if others else 'all other weights'} were trained on before:{before}" if before else ""
        return (
            "## Training\n\n**Its head is a fresh one**, which histozoo has not trained: unless it was trained "
            f"elsewhere, the predictions mean nothing. {' '.join(filter(None, [others, known]))}"
        )
    if training is None:
        return (
            "## Training\n\n**Not trained by histozoo.** Unless they were trained elsewhere, these are fresh weights, "
            "whose predictions mean nothing."
        )
    bullets = [
        _data(training.data),
        _split(training.split),
        _init(training.init),
        *_recipe(training),
        _machine(training),
    ]
    listing = "\n".join(f"- {bullet}" for bullet in bullets)
    settings = table(["setting of the recipe", "value"], _settings(training.recipe, training.split))
    return f"## Training\n\n{listing}\n\n{_parts(training.split)}\n\n{folded('Every setting of the recipe', settings)}"


def _data(data: TrainingDataset) -> str:
    drawn = ", **drawn by a program**" if data.synthetic else ""
    return (
        f"**Data:** {plain(data.name)}{drawn}; "
        f"source {code(data.source)}{options(data.options)}, "
        f"fingerprint {code(data.fingerprint[:FINGERPRINT])}."
    )


def _split(split: TrainingSplit) -> str:
    """Return how the split was made, and the shares of the images that the parts really have."""
    sizes = (split.images.train, split.images.val, split.images.test)
    shares = " / ".join(f"{size / max(sum(sizes), 1):.0%}" for size in sizes)
    method = split_method(unit=split.unit, seed=split.seed, folds=split.folds, fold=split.fold, file=split.file)
    leak = f" **Leak:** {plain(split.leak)}." if split.leak else ""
    return f"**Split:** {method}; {shares} of the images for training / validation / test.{leak}"


def _init(init: InitialWeights) -> str:
    if init.used == "scratch":
        reason = f", because {plain(init.note)}" if init.note else ", as requested"
        return f"**Initial weights:** none. Trained from scratch{reason}."
    if init.model is not None:
        return _initial_model(init.model, init.license)
    return (
        f"**Initial weights:** trained on {plain(init.used)}, {code(init.repo)} at revision "
        f"{code(init.revision)}, license {plain(init.license or 'unknown')}. Its terms also apply to this model."
    )


def _initial_model(model: InitialModel, license_name: str | None) -> str:
    """Return which trained model training started from, and on what that was trained."""
    drawn = ", **drawn by a program**" if model.synthetic else ""
    fresh = ", whose head was then replaced by a fresh one" if model.fresh_head else ""
    unknown = "not trained" if model.seen is None else f"{TRAINED_ELSEWHERE}{fresh}"
    since = f", then {TRAINED_ELSEWHERE}" if model.trained_elsewhere else ""
    data = f"trained on {plain(model.data)}{drawn}{since}{fresh}" if model.data else unknown
    head = "its head was replaced, since the classes differ" if model.head == "replaced" else "its head was kept"
    differs = f" It differs in {plain('; '.join(model.differences))}." if model.differences else ""
    terms = (
        f" Its own initial weights have the license {plain(license_name)}, whose terms also apply."
        if license_name
        else ""
    )
    return (
        f"**Initial weights:** those of {code(model.name)}, a {code(model.entry)} {data}, with the sha256 "
        f"{code(model.sha256)}; {head}.{differs}{terms}"
    )


def _recipe(training: Provenance) -> list[str]:
    recipe, outcome = training.recipe, training.outcome
    kept = "the last epoch's" if recipe.select == "last" else f"the best by validation {recipe.select}"
    bullets = [
        f"**Recipe:** {code(recipe.name)}: {plain(recipe.summary.rstrip('.'))}.",
        f"**Optimizer:** {recipe.optimizer}, learning rate {recipe.lr:g} ({recipe.schedule}), "
        f"batch {recipe.batch_size}, weight decay {recipe.weight_decay:g}, "
        f"class weights {recipe.class_weights}.",
        f"**Augmentation:** {', '.join(map(plain, recipe.augment)) or 'none'}.",
        f"**Epochs:** {outcome.epochs_run}, training seed {training.seed}; the weights kept are "
        f"{kept.replace('_', ' ')} (epoch {outcome.best_epoch}).",
    ]
    return bullets + [f"**Interpretation of the paper:** {plain(reading)}" for reading in recipe.readings]


def _settings(recipe: Recipe, split: TrainingSplit) -> list[tuple[str, str]]:
    """Return every setting of the recipe with its value; those that had no effect on this split say so."""
    values = {name: _value(getattr(recipe, declared.field)) for name, declared in settings_of(Recipe).items()}
    for name in ("height", "width"):
        if getattr(recipe, name) is None:
            values[name] = "the model's own"
    if split.unit == "fixed" or split.folds is not None:
        values["fractions"] = "not used"
    if split.folds is None:
        values["fold"] = "not used"
    return [(code(name), value) for name, value in values.items()]


def _value(value: Any) -> str:
    """Return the value of a setting as text."""
    if isinstance(value, tuple):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else plain(value)


def _machine(training: Provenance) -> str:
    versions = training.versions
    software = f"histozoo {plain(versions.histozoo)}, torch {plain(versions.torch)}, python {plain(versions.python)}"
    return f"**Computed on:** {plain(training.device)}, with {software}."


def _parts(split: TrainingSplit) -> str:
    images, patients = _sizes(split.images), _sizes(split.patients)
    parts = ("training", "validation", "test")
    columns = ["part", "images", "patients"]
    return table(columns, zip(parts, images, patients, strict=True), numbers=columns[1:])


def _sizes(sizes: PartSizes | None) -> list[str]:
    if sizes is None:
        return ["not known"] * 3
    return [f"{size:,}" for size in (sizes.train, sizes.val, sizes.test)]
