"""The front matter of the card: the metadata that the Hub reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_metrics import is_leaked
from zoo.bundle.provenance import Provenance
from zoo.metrics.metrics_file import Metrics
from zoo.metrics.names import measure_name
from zoo.metrics.result import Result

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

_TASK = "image-classification"
_LICENSES = (
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc-by-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "gpl-3.0",
    "mit",
    "unlicense",
)
"""The names of licenses on the Hub, which refuses a card with another name."""


def front_matter(config: BundleConfig, metrics: Metrics | None, *, synthetic: bool, repo: str | None) -> str:
    """Return the metadata as YAML between two lines of dashes."""
    from huggingface_hub import ModelCardData

    data = ModelCardData(
        library_name="histozoo",
        pipeline_tag=_TASK,
        tags=[
            "histozoo",
            "histopathology",
            config.entry,
            *(["synthetic-sample"] if synthetic else []),
            *([] if config.training else ["untrained"]),
        ],
        model_name=(repo or config.entry) if metrics else None,
        eval_results=_results(metrics, synthetic=synthetic, leaked=is_leaked(metrics, config.training))
        if metrics
        else None,
        **_base_model(config.training),
    )
    return f"---\n{data.to_yaml()}\n---"


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
        {"license": license_id} if license_id in _LICENSES else {"license": "other", "license_name": _slug(license_id)}
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
            dataset_type=data.source,
            dataset_name=f"{data.name}{drawn}{seen}",
            dataset_split=split.part,
            dataset_args={"split": method, "fingerprint": data.fingerprint},
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
        return {"interval": measures.reasons.get(measure), "spread_between": measures.unit}
    return {"interval": [round(end, 4) for end in interval], "level": measures.level, "spread_between": measures.unit}


def _slug(text: str) -> str:
    """Return text as a name for the Hub: small letters, digits, dots and dashes."""
    return re.sub(r"[^a-z0-9.-]+", "-", text).strip("-") or "unknown"
