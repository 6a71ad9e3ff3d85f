"""The card as a whole. It says nothing that config.json and metrics.json do not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo.bundle.card.front_matter import front_matter
from zoo.bundle.card.markdown import code, listed, options, plain
from zoo.bundle.card.results_section import results
from zoo.bundle.card.signature import signed
from zoo.bundle.card.training_section import training

SYNTHETIC = (
    "> **Synthetic sample.** The images were drawn by a program. "
    "Neither this model nor its numbers say anything about tissue."
)
_LIMITS = """## Intended use and limits

For research and teaching. This is **not a medical device**: nobody's diagnosis or treatment may rest on it.

- It knows only its classes, and names one of them for any image, even for one that shows no tissue.
- Stain, scanner, magnification and hospital change what images look like. On images from elsewhere it may do
  much worse; measure it there first.
- Its probabilities are not calibrated: 0.9 does not mean that it is right nine times in ten."""


def card(config: Mapping[str, Any], metrics: Mapping[str, Any] | None, *, repo: str | None = None) -> str:
    """The model card of a bundle, signed; `repo` is its name on the Hub, once it has one."""
    parts = [
        front_matter(config, metrics, repo=repo),
        f"# {_title(config)}",
        SYNTHETIC if is_synthetic(config, metrics) else "",
        _summary(config),
        results(metrics, split=config.get("training", {}).get("split", {})),
        _use(config, repo),
        training(config.get("training", {})),
        _preprocessing(config["preprocessing"]),
        _LIMITS,
    ]
    return signed("\n\n".join(part for part in parts if part))


def is_synthetic(config: Mapping[str, Any], metrics: Mapping[str, Any] | None) -> bool:
    """Whether a program drew the images, those of the training or those of the test."""
    trained = config.get("training", {}).get("data", {})
    measured = (metrics or {}).get("data", {})
    return bool(trained.get("synthetic") or measured.get("synthetic"))


def _title(config: Mapping[str, Any]) -> str:
    name = config.get("training", {}).get("data", {}).get("name")
    return f"{plain(config['entry'])}, trained on {plain(name)}" if name else f"{plain(config['entry'])}, untrained"


def _summary(config: Mapping[str, Any]) -> str:
    plugin = config["plugin"]
    package = f"{plain(plugin['distribution'])} {plain(plugin['version'])}"
    count = config.get("training", {}).get("parameters")
    size = f" {count:,} parameters." if count else ""
    classes = listed([f"*{plain(name)}*" for name in config["classes"]])
    return (
        f"A classifier of histopathology images. It tells {classes} apart. "
        f"Made with histozoo {plain(config['library_version'])}: "
        f"architecture {code(config['architecture'])}{options(config['options'])} "
        f"of the plugin {code(plugin['name'])} ({package}).{size}"
    )


def _use(config: Mapping[str, Any], repo: str | None) -> str:
    name = repo or "FOLDER"
    install = "histozoo" if (other := config["plugin"]["distribution"]) == "histozoo" else f"histozoo {other}"
    return f"""## How to use it

```bash
pip install {install}
zoo predict {name} tile.png
```

```python
import zoo

model = zoo.from_pretrained("{name}")
print(model.predict("tile.png").probabilities)
```

The weights are safetensors; loading them runs no code from this repository."""


def _preprocessing(how: Mapping[str, Any]) -> str:
    fit = {"squash": "stretched to that size", "crop": "resized and cropped to the centre"}.get(how["fit"], how["fit"])
    mean, std = (", ".join(f"{value:g}" for value in how[key]) for key in ("mean", "std"))
    return (
        "## Preprocessing\n\n"
        f"RGB, {how['height']} × {how['width']} pixels (height × width), {fit}, {how['interpolation']}; "
        f"scaled to 0..1, then normalised with mean {mean} and standard deviation {std}. "
        "`predict` does this; `forward` wants what `preprocess` gives."
    )
