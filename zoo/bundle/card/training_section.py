"""The section of the card about the training of the weights."""

from __future__ import annotations

from zoo.bundle.card.markdown import code, options, plain, table
from zoo.bundle.provenance import InitialWeights, PartSizes, Provenance, TrainingDataset, TrainingSplit


def training_section(training: Provenance | None) -> str:
    """Return the section with the data, the split, the initial weights and the recipe."""
    if training is None:
        return "## Training\n\n**Not trained.** These are fresh weights: their predictions mean nothing."
    bullets = [
        _data(training.data),
        _split(training.split),
        _init(training.init),
        *_recipe(training),
        _machine(training),
    ]
    listing = "\n".join(f"- {bullet}" for bullet in bullets)
    return f"## Training\n\n{listing}\n\n{_parts(training.split)}"


def _data(data: TrainingDataset) -> str:
    drawn = ", **drawn by a program**" if data.synthetic else ""
    return (
        f"**Data:** {plain(data.name)}{drawn}; "
        f"source {code(data.source)}{options(data.options)}, "
        f"fingerprint {code(data.fingerprint)}."
    )


def _split(split: TrainingSplit) -> str:
    shares = " / ".join(f"{share:.0%}" for share in split.fractions)
    return f"**Split:** by {split.unit}, {shares}, seed {split.seed}."


def _init(init: InitialWeights) -> str:
    if init.used == "scratch":
        reason = f", because {plain(init.note)}" if init.note else ", as requested"
        return f"**Initial weights:** none. Trained from scratch{reason}."
    return (
        f"**Initial weights:** trained on {plain(init.used)}, {code(init.repo)} at revision "
        f"{code(init.revision)}, license {plain(init.license or 'unknown')}. Its terms also apply to this model."
    )


def _recipe(training: Provenance) -> list[str]:
    recipe, outcome = training.recipe, training.outcome
    kept = "the last epoch's" if recipe.select == "last" else f"the best by validation {recipe.select}"
    bullets = [
        f"**Recipe:** {code(recipe.name)}. {plain(recipe.summary)}",
        f"**Optimizer:** {recipe.optimizer}, learning rate {recipe.lr:g} ({recipe.schedule}), "
        f"batch {recipe.batch_size}, weight decay {recipe.weight_decay:g}, "
        f"class weights {recipe.class_weights}.",
        f"**Augmentation:** {', '.join(map(plain, recipe.augment)) or 'none'}.",
        f"**Epochs:** {outcome.epochs_run}, training seed {training.seed}; the weights kept are "
        f"{kept.replace('_', ' ')} (epoch {outcome.best_epoch}).",
    ]
    return bullets + [f"**Interpretation of the paper:** {plain(reading)}" for reading in recipe.readings]


def _machine(training: Provenance) -> str:
    versions = training.versions
    software = f"histozoo {plain(versions.histozoo)}, torch {plain(versions.torch)}, python {plain(versions.python)}"
    return f"**Computed on:** {plain(training.device)}, with {software}."


def _parts(split: TrainingSplit) -> str:
    images, patients = _sizes(split.images), _sizes(split.patients)
    parts = ("training", "validation", "test")
    return table(["part", "images", "patients"], zip(parts, images, patients, strict=True))


def _sizes(sizes: PartSizes | None) -> list[str]:
    if sizes is None:
        return ["not known"] * 3
    return [f"{size:,}" for size in (sizes.train, sizes.val, sizes.test)]
