"""The part of the card that says how the weights came about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo.bundle.card.markdown import code, options, plain, table

PARTS = {"train": "training", "val": "validation", "test": "test"}


def training(facts: Mapping[str, Any]) -> str:
    """Data, split, initial weights and recipe."""
    if not facts:
        return "## Training\n\n**Not trained.** These are fresh weights: whatever they answer means nothing."
    bullets = [
        _data(facts["data"]),
        _split(facts["split"]),
        _init(facts["init"]),
        *_recipe(facts),
        _machine(facts),
    ]
    listing = "\n".join(f"- {bullet}" for bullet in bullets)
    return f"## Training\n\n{listing}\n\n{_parts(facts['split'])}"


def _data(data: Mapping[str, Any]) -> str:
    drawn = ", **drawn by a program**" if data.get("synthetic") else ""
    return (
        f"**Data:** {plain(data['name'])}{drawn}; "
        f"source {code(data['source'])}{options(data.get('options', {}))}, "
        f"fingerprint {code(data['fingerprint'])}."
    )


def _split(split: Mapping[str, Any]) -> str:
    shares = " / ".join(f"{share:.0%}" for share in split["fractions"])
    return f"**Split:** by {split['unit']}, {shares}, seed {split['seed']}."


def _init(init: Mapping[str, Any]) -> str:
    if init["used"] == "scratch":
        why = f", because {plain(init['note'])}" if init.get("note") else ", as was asked for"
        return f"**Initial weights:** none. Trained from scratch{why}."
    licence = init.get("licence") or "unknown"
    return (
        f"**Initial weights:** trained on {plain(init['used'])}, {code(init['repo'])} at revision "
        f"{code(init['revision'])}, licence {plain(licence)}. Its terms go with these weights."
    )


def _recipe(facts: Mapping[str, Any]) -> list[str]:
    recipe = facts["recipe"]
    kept = "the last epoch's" if recipe["select"] == "last" else f"the best by validation {recipe['select']}"
    best = f" (epoch {facts['best_epoch']})" if facts.get("best_epoch") is not None else ""
    bullets = [
        f"**Recipe:** {code(recipe['name'])}. {plain(recipe['summary'])}",
        f"**Optimiser:** {recipe['optimizer']}, learning rate {recipe['lr']:g} ({recipe['schedule']}), "
        f"batch {recipe['batch_size']}, weight decay {recipe['weight_decay']:g}, "
        f"class weights {recipe['class_weights']}.",
        f"**Augmentation:** {', '.join(map(plain, recipe['augment'])) or 'none'}.",
        f"**Epochs:** {facts['epochs_run']}, training seed {facts['seed']}; the weights kept are "
        f"{kept.replace('_', ' ')}{best}.",
    ]
    return bullets + [f"**Reading of the paper:** {plain(reading)}" for reading in recipe.get("readings") or ()]


def _machine(facts: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {plain(version)}" for name, version in facts["versions"].items())
    return f"**Computed on:** {plain(facts['device'])}, with {versions}."


def _parts(split: Mapping[str, Any]) -> str:
    patients = split.get("patients")
    rows = [
        [name, f"{split['images'][part]:,}", f"{patients[part]:,}" if patients else "not known"]
        for part, name in PARTS.items()
    ]
    return table(["part", "images", "patients"], rows)
