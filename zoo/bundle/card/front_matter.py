"""The part of the card that the Hub reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zoo.bundle.card.results_section import label

_LICENCES = (
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
"""Licences under the names the Hub knows; it refuses a card with another."""


def front_matter(config: Mapping[str, Any], metrics: Mapping[str, Any] | None, *, repo: str | None) -> str:
    """YAML between two lines of dashes."""
    import yaml

    facts = config.get("training", {})
    synthetic = any(part.get("data", {}).get("synthetic") for part in (facts, metrics or {}))
    document: dict[str, Any] = {
        "library_name": "histozoo",
        "pipeline_tag": "image-classification",
        "tags": [
            "histozoo",
            "histopathology",
            config["entry"],
            *(["synthetic-sample"] if synthetic else []),
            *([] if facts else ["untrained"]),
        ],
        **_origin(facts.get("init", {})),
    }
    if metrics is not None:
        document["model-index"] = [{"name": repo or config["entry"], "results": [_result(metrics, synthetic)]}]
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---"


def _origin(init: Mapping[str, Any]) -> dict[str, Any]:
    """Whose weights these began as, under which licence. For weights from scratch the owner has to choose one."""
    if not init.get("repo"):
        return {}
    licence = str(init.get("licence") or "unknown").lower()
    named = {"license": licence} if licence in _LICENCES else {"license": "other", "license_name": _slug(licence)}
    return {**named, "base_model": init["repo"], "base_model_relation": "finetune"}


def _result(metrics: Mapping[str, Any], synthetic: bool) -> dict[str, Any]:
    data, split, measures = metrics["data"], metrics["split"], metrics["measures"]
    drawn = " (synthetic sample, drawn by a program)" if synthetic else ""
    how = {key: split[key] for key in ("unit", "seed") if key in split}
    dataset = {
        "type": data["source"],
        "name": f"{data['name']}{drawn}",
        "split": split["part"],
        "args": {"split": how},
    }
    return {
        "task": {"type": "image-classification", "name": "Image classification"},
        "dataset": {**dataset, "args": {**dataset["args"], "fingerprint": data["fingerprint"]}},
        "metrics": [_metric(name, measures) for name, value in measures["values"].items() if value is not None],
    }


def _metric(name: str, measures: Mapping[str, Any]) -> dict[str, Any]:
    """One number, never without its interval, or the reason why there is none."""
    interval = measures["intervals"].get(name)
    around = {"interval": [round(end, 4) for end in interval], "level": measures["level"]} if interval else {}
    why = {} if interval else {"interval": measures["reasons"].get(name)}
    return {
        "type": name,
        "name": label(name),
        "value": round(measures["values"][name], 4),
        "args": {**around, **why, "resampled": measures["unit"]},
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "-", text).strip("-") or "unknown"
