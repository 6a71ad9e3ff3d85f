"""The front matter of the card: the metadata that the Hub reads, merged with those that a person wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_metrics import is_leaked
from zoo.bundle.card.card_parts import CardParts, Written
from zoo.bundle.card.licenses import LICENSES
from zoo.bundle.provenance import Provenance
from zoo.bundle.timm_config import timm_model
from zoo.metrics.metrics_file import Metrics
from zoo.metrics.names import measure_name
from zoo.metrics.result import Result
from zoo.text import one_line

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

_TASK = "image-classification"
_OWNED = ("library_name", "pipeline_tag")
"""Keys that histozoo alone writes; those below, `model-index` and `tags` it shares with a person."""
_LICENSE_KEYS = ("license", "license_name", "license_link")
_BASE_KEYS = ("base_model", "base_model_relation")


def metadata(
    config: BundleConfig, metrics: Metrics | None, *, synthetic: bool, repo: str | None, license_id: str | None
) -> dict[str, Any]:
    """Return the metadata that histozoo writes.

    Args:
        config: The configuration of the bundle.
        metrics: Its results; None if it was not evaluated.
        synthetic: Whether images of its training or its evaluation were drawn by a program.
        repo: The name of its repository on the Hub.
        license_id: The Hub's name of its license; None for that of the initial weights, if they have one.
    """
    from huggingface_hub import ModelCardData

    data: dict[str, Any] = ModelCardData(  # type: ignore[no-untyped-call]
        library_name="histozoo",
        pipeline_tag=_TASK,
        tags=[
            "histozoo",
            "histopathology",
            config.entry,
            *(["timm"] if timm_model(config) is not None else []),
            *(["synthetic-sample"] if synthetic else []),
            *([] if config.training or config.trained_elsewhere else ["untrained"]),
        ],
        model_name=(repo or config.entry) if metrics else None,
        eval_results=_results(metrics, synthetic=synthetic, leaked=is_leaked(metrics, config.training))
        if metrics
        else None,
        **{**_base_model(config.last_training), **({"license": license_id} if license_id else {})},
    ).to_dict()
    if license_id:
        data.pop("license_name", None)
    return data


def merged_metadata(ours: Mapping[str, Any], theirs: CardParts, *, licensed: bool) -> tuple[dict[str, Any], Written]:
    """Return the metadata of a card that a person may have edited, and what of it histozoo wrote.

    Args:
        ours: What `metadata` returns.
        theirs: The card as it is.
        licensed: Whether the license was chosen for this push, and replaces that of a person.
    """
    before, written = theirs.metadata, theirs.written
    own_base = "base_model" in before and before["base_model"] != written.base_model
    owned = [*_OWNED, *(() if own_base and "base_model" not in ours else _BASE_KEYS)]
    own_license = "license" in before and before["license"] != written.license
    if licensed or not own_license:
        owned += _LICENSE_KEYS if licensed or written.license else ()
        chosen = ours
    else:
        chosen = {key: value for key, value in ours.items() if key not in _LICENSE_KEYS}
    tags = _tags(ours["tags"], before.get("tags"), written)
    index = _model_index(ours.get("model-index"), before.get("model-index"))
    shared = {"tags": tags, **({"model-index": index} if index else {})}
    kept = {key: value for key, value in before.items() if key not in (*owned, "tags", "model-index")}
    order = [*before, *(key for key in ours if key not in before)]
    values = {**kept, **chosen, **shared}
    merged = {key: values[key] for key in order if key in values}
    license_id = None if licensed else chosen.get("license")
    return merged, Written(license=license_id, tags=tuple(ours["tags"]), base_model=ours.get("base_model"))


def own_metadata(parts: CardParts) -> dict[str, Any]:
    """Return the metadata of a card that a person wrote or changed, of lists only the person's part."""
    data, written = parts.metadata, parts.written
    shared = {*_OWNED, *_BASE_KEYS, "license", "license_name", "tags", "model-index"}
    own = {key: value for key, value in data.items() if key not in shared}
    if data.get("license") != written.license:
        own["license"] = data.get("license")
    if "license_name" in data and written.license is None:
        own["license_name"] = data["license_name"]
    if "base_model" in data and data["base_model"] != written.base_model:
        own |= {key: data[key] for key in _BASE_KEYS if key in data}
    tags = [tag for tag in _list(data.get("tags")) if tag not in written.tags]
    results = [result for model in _models(data.get("model-index")) for result in _added(model)]
    return {**own, **({"tags": tags} if tags else {}), **({"model-index": results} if results else {})}


def _tags(ours: list[str], theirs: Any, written: Written) -> list[str]:
    """Return our tags and those that a person added."""
    listed = theirs if isinstance(theirs, list) else [theirs] if isinstance(theirs, str) else []
    kept = [tag for tag in listed if tag in ours or tag not in written.tags]
    return [*kept, *(tag for tag in ours if tag not in kept)]


def _model_index(ours: Any, theirs: Any) -> list[Any]:
    """Return our results and those that a person added, which have no fingerprint of the data.

    Those of a person stay where they are: beside ours, or under the name of another model.
    """
    name = ours[0]["name"] if ours else None
    beside: list[Any] = []
    others: list[Any] = []
    for model in _models(theirs):
        added = _added(model)
        if ours and (model.get("name") == name or len(added) < len(model["results"])):
            beside += added
        elif added:
            others.append({**model, "results": added})
    return [*({**model, "results": [*model["results"], *beside]} for model in ours or ()), *others]


def _models(index: Any) -> list[dict[str, Any]]:
    """Return the models of a model-index that have results."""
    return [model for model in _list(index) if isinstance(model, dict) and _list(model.get("results"))]


def _added(model: Mapping[str, Any]) -> list[Any]:
    """Return the results of a model that a person added."""
    return [result for result in model["results"] if not is_own_result(result)]


def is_own_result(result: Any) -> bool:
    """Return whether histozoo wrote a result of a model-index."""
    data = result.get("dataset") if isinstance(result, dict) else None
    arguments = data.get("args") if isinstance(data, dict) else None
    return isinstance(arguments, dict) and "fingerprint" in arguments


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _base_model(training: Provenance | None) -> dict[str, Any]:
    """Return the pretrained weights that training started from, and their license; empty if there are none."""
    if training is None:
        return {}
    init = training.init
    base = {"base_model": init.repo, "base_model_relation": "finetune"} if init.repo else {}
    if init.license is None and (init.repo is None or init.model is not None):
        return base  # a model of the zoo states no license unless its own initial weights have one
    license_id = (init.license or "unknown").lower()
    named = (
        {"license": license_id} if license_id in LICENSES else {"license": "other", "license_name": _slug(license_id)}
    )
    return {**named, **base}


def _results(metrics: Metrics, *, synthetic: bool, leaked: bool) -> list[EvalResult]:
    """Return every measure that has a value, with the data and the split that it was computed on."""
    from huggingface_hub import EvalResult

    data, split, measures = metrics.data, metrics.split, metrics.measures
    drawn = " (synthetic sample, drawn by a program)" if synthetic else ""
    seen = " (leaked: seen in training)" if leaked else ""
    folds = {} if split.folds is None else {"folds": split.folds, "fold": split.fold}
    method = {} if split.unit is None else {"unit": split.unit, "seed": split.seed, **folds}
    return [
        EvalResult(
            task_type=_TASK,
            task_name="Image classification",
            dataset_type=one_line(data.source),
            dataset_name=f"{one_line(data.name)}{drawn}{seen}",
            dataset_split=split.part,
            dataset_args={"split": method, "fingerprint": one_line(data.fingerprint)},
            metric_type=name,
            metric_name=measure_name(name),
            metric_value=round(value, 4),
            metric_args=_certainty(name, measures),
        )
        for name, value in measures.values.items()
        if value is not None
    ]


def _certainty(measure: str, measures: Result) -> dict[str, Any]:
    """Return the interval of a measure, or the reason why it has none, and the unit whose spread it shows."""
    interval = measures.intervals.get(measure)
    if interval is None:
        reason = measures.reasons.get(measure)
        return {"interval": None if reason is None else one_line(reason), "spread_between": measures.unit}
    return {"interval": [round(end, 4) for end in interval], "level": measures.level, "spread_between": measures.unit}


def _slug(text: str) -> str:
    """Return text as a name for the Hub: small letters, digits, dots and dashes."""
    return re.sub(r"[^a-z0-9.-]+", "-", text).strip("-") or "unknown"
