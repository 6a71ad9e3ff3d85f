"""A small model, trained in seconds on the synthetic sample, for a page that would have nothing to show."""

from __future__ import annotations

import zoo
from zoo.progress import Reporter

MODEL = "resnet20"
SIDE, EPOCHS = 48, 4
"""The side of the network's input in pixels, and the passes over the images: enough for tiles drawn by a program."""

WHAT = f"a small model ({MODEL}) on the synthetic sample, which a program draws: about half a minute on two cores"
"""What would be trained, as text."""
MEANS_NOTHING = "its predictions mean nothing for tissue"


def train_sample_model(*, device: str, progress: Reporter | bool) -> str:
    """Train the model into the next free folder in ./runs and return that folder.

    Args:
        device: The device to train on.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.
    """
    run = zoo.train(MODEL, recipe="quick", epochs=EPOCHS, height=SIDE, width=SIDE, device=device, progress=progress)
    return str(run.path)
