"""The complete model card. It states nothing that is not in config.json or metrics.json."""

from __future__ import annotations

from typing import Any

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.card.card_parts import CardParts
from zoo.bundle.card.front_matter import merged_metadata, metadata, own_metadata
from zoo.bundle.card.markdown import code, options, plain
from zoo.bundle.card.results_section import results_section
from zoo.bundle.card.training_section import training_section
from zoo.bundle.timm_config import timm_model
from zoo.metrics.metrics_file import Metrics
from zoo.spec import Preprocessing
from zoo.text import listed, sentence

SYNTHETIC = (
    "> **Synthetic sample.** The images were drawn by a program. "
    "Neither this model nor its numbers say anything about tissue."
)
_FITS = {"squash": "stretched to that size", "crop": "resized and cropped to the center"}
_LIMITS = """## Intended use and limits

Do not base a diagnosis or treatment on this model.

- It gives any image one of its classes. `predict` also says when an image is unlike the training images, which does
  not find all of them.
- Stain, scanner, magnification and hospital change what images look like. On images from elsewhere it may be
  much worse; measure it on such images first."""


def card(
    config: BundleConfig,
    metrics: Metrics | None,
    *,
    repo: str | None = None,
    revision: str | None = None,
    license_id: str | None = None,
    kept: CardParts | None = None,
) -> str:
    """Return the model card of a bundle: what histozoo writes, with what a person wrote around it.

    Args:
        config: The configuration of the bundle.
        metrics: The content of its metrics.json; None for a model that was not evaluated.
        repo: The name of its repository on the Hub, once it has one.
        revision: The branch there; None for the main one.
        license_id: The Hub's name of its license; by default that of the initial weights.
        kept: An earlier card. The text and the metadata of a person in it are kept.
    """
    synthetic = _is_synthetic(config, metrics)
    earlier = kept or CardParts()
    ours = metadata(config, metrics, synthetic=synthetic, repo=repo, license_id=license_id)
    merged, written = merged_metadata(ours, earlier, licensed=license_id is not None)
    name = f"{repo}@{revision}" if repo and revision else repo
    block = _block(config, metrics, synthetic=synthetic, name=name)
    return CardParts(
        metadata=merged, before=earlier.before, block=block, after=earlier.after, written=written
    ).to_text()


def own_parts(parts: CardParts) -> dict[str, Any]:
    """Return what a person wrote in a card, text and metadata; empty if all of it is histozoo's."""
    texts = {"text above": parts.before.strip(), "text below": parts.after.strip()}
    return {**{where: text for where, text in texts.items() if text}, **own_metadata(parts)}


def _block(config: BundleConfig, metrics: Metrics | None, *, synthetic: bool, name: str | None) -> str:
    """Return the text that histozoo writes.

    Args:
        config: The configuration of the bundle.
        metrics: The content of its metrics.json.
        synthetic: Whether images of its training or its evaluation were drawn by a program.
        name: What it is loaded by: its repository, with the branch if that is not the main one; None before a push.
    """
    parts = [
        f"# {_title(config)}",
        SYNTHETIC if synthetic else "",
        _summary(config),
        "**For research and teaching. Not a medical device.**",
        results_section(metrics, config.training),
        _use(config, name or "FOLDER"),
        training_section(config),
        _preprocessing(config.preprocessing),
        f"{_LIMITS}\n{_probabilities(metrics)}",
    ]
    return "\n\n".join(part for part in parts if part)


def _probabilities(metrics: Metrics | None) -> str:
    """Return a list item that says what the probabilities are worth."""
    found = metrics.calibration if metrics is not None else None
    if found is None or found.temperature is None:
        what = plain(found.calibrated) if found else "not calibrated"
        return f"- Its probabilities are {what}. So 0.9 does not mean that it is right nine times in ten."
    return f"- {sentence(plain(str(found)))} On images from elsewhere its probabilities may be wrong all the same."


def _is_synthetic(config: BundleConfig, metrics: Metrics | None) -> bool:
    """Return whether the images of the training or of the evaluation are synthetic."""
    return config.trained_on_synthetic or (metrics is not None and metrics.data.synthetic)


def _title(config: BundleConfig) -> str:
    """Return the heading of the card."""
    training = config.last_training
    head = ", with a fresh head" if config.fresh_head else ""
    if training is None:
        return f"{plain(config.entry)}, {'trained elsewhere' if config.elsewhere else 'untrained'}{head}"
    since = ", then trained elsewhere" if config.elsewhere else ""
    return f"{plain(config.entry)}, trained on {plain(training.data.name)}{since}{head}"


def _summary(config: BundleConfig) -> str:
    """Return a paragraph with the classes, the architecture and the plugin."""
    plugin = config.plugin
    package = f"{plain(plugin.distribution)} {plain(plugin.version)}"
    size = f" {config.training.parameters:,} parameters." if config.training else ""
    classes = listed([f"*{plain(name)}*" for name in config.classes])
    return (
        f"A classifier of histopathology images. It distinguishes {classes}. "
        f"Made with histozoo {plain(config.library_version)}: "
        f"architecture {code(config.architecture)}{options(config.options)} "
        f"of the plugin {code(plugin.name)} ({package}).{size}"
    )


def _use(config: BundleConfig, name: str) -> str:
    """Return the section with the commands to install and use the model."""
    distribution = config.plugin.distribution
    install = "histozoo" if distribution == "histozoo" else f"histozoo {distribution}"
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

The weights are safetensors; loading them runs no code from this repository.

{_without_histozoo(config, name)}"""


def _without_histozoo(config: BundleConfig, name: str) -> str:
    """Return how to use the model without histozoo: with timm if it has the network, or as an exported file."""
    model = timm_model(config)
    if model is None:
        return (
            "**Without histozoo:** timm does not have this network. "
            f"`zoo export {name} -o model.onnx` writes a file that ONNX Runtime runs on its own."
        )
    source = "local-dir:FOLDER" if name == "FOLDER" else f"hf-hub:{name}"
    one = (
        f"Its single output is about *{plain(config.classes[1])}*: the sigmoid of it is the probability of that class. "
        if config.head == "sigmoid"
        else ""
    )
    return f"""**Without histozoo**, in timm, with the same weights and preprocessing:

```python
import timm

model = timm.create_model("{source}", pretrained=True).eval()
transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
```

{one}`zoo predict` also divides the outputs by the temperature of the calibration, if there is one, and says when an
image is unlike the training images."""


def _preprocessing(preprocessing: Preprocessing) -> str:
    """Return the section about preprocessing."""
    mean, std = (", ".join(f"{value:g}" for value in channels) for channels in (preprocessing.mean, preprocessing.std))
    whole = {"squash": "the image", "crop": "that crop"}[preprocessing.fit]
    crop = f", {preprocessing.crop_pct:.1%} of the sides of {whole}" if preprocessing.crop_pct != 1 else ""
    return (
        "## Preprocessing\n\n"
        f"RGB, {preprocessing.height} × {preprocessing.width} pixels (height × width), "
        f"{_FITS[preprocessing.fit]}{crop}, {preprocessing.interpolation}; "
        f"scaled to 0..1, then normalized with mean {mean} and standard deviation {std}. "
        "`predict` does this; `forward` expects a batch from `preprocess`."
    )
