"""Parts of gpu.py: predictions from files and from the store, and what the demo computes for one tile."""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch
from gpu_machine import Machine
from loop import Rows
from prediction import rates
from training import draw

import zoo
from zoo.classifier import create_model
from zoo.data.device_images import DeviceImages
from zoo.device import choose_compute
from zoo.evaluation.inference import Inference


def predicting(machine: Machine) -> dict[str, Any]:
    """Predict image files, and images from the store, also averaged over the symmetries."""
    files = draw(machine.scratch / "few", train=machine.scale.files, test=0)
    found: dict[str, Any] = {"files": len(files)}
    for name in dict.fromkeys((machine.scale.first, machine.scale.captured[0][0])):
        classifier = create_model(name, classes=["benign", "malignant"])
        decoding, network, predicted = rates(classifier, files, machine.device, 3)
        began = time.perf_counter()
        for _ in zoo.predict(classifier, files, device=machine.device, symmetries=True):
            pass
        symmetries = len(files) / (time.perf_counter() - began)
        found[name] = {
            "decoding": decoding,
            "network": network,
            "predicting": predicted,
            "symmetries": symmetries,
            "from_the_store": stored_rate(classifier, machine),
        }
    return found


def stored_rate(classifier: zoo.Classifier, machine: Machine) -> float:
    """Return images a second of the evaluation, from decoded images in memory."""
    compute = choose_compute(machine.device, "float32")
    own = classifier.config.preprocessing
    count = machine.scale.files
    images = DeviceImages(Rows(count, own.height, own.width), compute.device, resident=machine.device == "cuda")
    compute.place(classifier.eval())

    def work() -> float:
        began = time.perf_counter()
        Inference(images=images, compute=compute).logits(classifier, range(count))
        return time.perf_counter() - began

    work()
    return count / statistics.median(work() for _ in range(3))


def demo(machine: Machine) -> dict[str, Any]:
    """Time what the demo does for one tile: a prediction and a heat map of each of three models."""
    from PIL import Image

    from zoo_demo.analysis import analyze
    from zoo_demo.models import load_models

    (file,) = draw(machine.scratch / "one", train=1, test=0)
    tile = Image.open(file).convert("RGB")
    bundles = {name: machine.scratch / "demo" / name for name in machine.scale.demo}
    for name, folder in bundles.items():
        create_model(name, classes=["benign", "malignant"]).save(folder)
    models = load_models([str(folder) for folder in bundles.values()], device=torch.device(machine.device))

    def work() -> float:
        began = time.perf_counter()
        for model in models:
            analyze(model, tile, method="grad-cam", label=None)
        return time.perf_counter() - began

    first = work()
    return {"models": list(machine.scale.demo), "first": first, "seconds": statistics.median(work() for _ in range(5))}
