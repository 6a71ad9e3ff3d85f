r"""What the zoo writes by hand, against the libraries that do the same: seconds, equality, and what they bring along.

    pip install --no-deps --target ALTERNATIVES kornia kornia_rs torchmetrics lightning-utilities grad-cam ttach \\
        lightning pytorch-lightning accelerate opencv-python-headless
    PYTHONPATH=ALTERNATIVES python benchmarks/alternatives.py

Both sides take turns in one process, so that a busy machine slows both; imports are measured in new processes after
`import torch`. Prints a Markdown table for docs/decisions.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

import zoo

ROUNDS = 5
CALLS = 20
IMPORTS = ("kornia", "pytorch_grad_cam", "torchmetrics", "lightning", "accelerate")


def import_seconds(module: str) -> float:
    """Return what importing a module adds to importing torch, the median of new processes."""
    code = (
        "import time, torch, torchvision; began = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - began)"
    )
    runs = (subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5))
    return statistics.median(float(run.stdout.split()[-1]) for run in runs)


def megabytes(module: str) -> float:
    """Return the size of a module's folder, without what it depends on."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    files = Path(spec.origin).parent.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc") / 1e6


def take_turns(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Return the median seconds of both."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 1):
        for work, seconds in zip((ours, theirs), found, strict=True):
            began = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - began)
    return statistics.median(found[0][1:]), statistics.median(found[1][1:])


def augmentation() -> str:
    """Compare the augmentation of a batch."""
    import kornia.augmentation as kornia

    from zoo.data.augmentation.augment import augment

    batch = torch.rand(64, 3, 96, 96)
    theirs = torch.nn.Sequential(
        kornia.RandomHorizontalFlip(p=0.5),
        kornia.RandomVerticalFlip(p=0.5),
        kornia.RandomRotation90((0, 3), p=1.0),
        kornia.RandomResizedCrop((96, 96), scale=(0.6, 1.0)),
        kornia.RandomGaussianBlur((11, 11), (0.1, 1.5), p=0.5),
    )
    names, indices = ("symmetries", "crop", "blur"), np.arange(64)
    mine, other = take_turns(lambda: augment(batch, names, seed=0, epoch=0, indices=indices), lambda: theirs(batch))
    what = "symmetries, crop and blur of 64 images of 96x96"
    return f"| {what} | kornia | {mine * 1e3:.0f} ms | {other * 1e3:.0f} ms | other draws |"


def heat_map() -> str:
    """Compare Grad-CAM of one image, and of two threads that explain images with one network."""
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    from zoo.explain.gradcam import grad_cam

    torch.manual_seed(0)
    network = zoo.create_model("resnet50").network.eval()
    layers = dict(network.named_modules())
    layer = next(name for name in layers if name.endswith("layer4"))
    images = [torch.randn(1, 3, 224, 224) for _ in range(2)]
    labels = [int(network(x).argmax()) for x in images]

    def theirs(number: int) -> np.ndarray:
        with GradCAM(model=network, target_layers=[layers[layer]]) as cam:
            heat: np.ndarray = cam(input_tensor=images[number], targets=[ClassifierOutputTarget(labels[number])])[0]
            return heat

    def ours(number: int) -> np.ndarray:
        cells = grad_cam(network, layer, images[number], tokens=None)[0][0].detach()[None, None]
        return torch.nn.functional.interpolate(cells, (224, 224), mode="bilinear")[0, 0].numpy()

    difference = max(np.abs(_scaled(ours(number)) - _scaled(theirs(number))).max() for number in (0, 1))
    mine, other = take_turns(lambda: ours(0), lambda: theirs(0))
    wrong = [_wrong_in_threads(explain) for explain in (ours, theirs)]
    what = "Grad-CAM of resnet50, one image of 224x224"
    result = f"largest difference {difference:.3f} of 1; of {CALLS} maps by two threads {wrong[0]} and {wrong[1]} wrong"
    return f"| {what} | pytorch-grad-cam | {mine * 1e3:.0f} ms | {other * 1e3:.0f} ms | {result} |"


def _scaled(heat: np.ndarray) -> np.ndarray:
    return heat / max(float(heat.max()), 1e-12)


def _wrong_in_threads(explain: Callable[[int], np.ndarray]) -> int:
    """Return how many maps of two threads differ from those of one, or ended in an error."""
    alone = [explain(0), explain(1)]

    def is_wrong(call: int) -> bool:
        try:
            return not np.allclose(explain(call % 2), alone[call % 2], atol=1e-3)
        except Exception:  # noqa: BLE001  # whatever it is, there is no map
            return True

    with ThreadPoolExecutor(2) as threads:
        return sum(threads.map(is_wrong, range(CALLS)))


def measure_area() -> str:
    """Compare the area under the ROC curve."""
    from sklearn.metrics import roc_auc_score
    from torchmetrics.functional.classification import binary_auroc

    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 5000), rng.random(5000)
    tensors = torch.from_numpy(scores), torch.from_numpy(labels)
    difference = abs(roc_auc_score(labels, scores) - float(binary_auroc(*tensors)))
    mine, other = take_turns(lambda: roc_auc_score(labels, scores), lambda: binary_auroc(*tensors))
    what = "AUROC of 5,000 images (ours: scikit-learn)"
    return f"| {what} | torchmetrics | {mine * 1e3:.1f} ms | {other * 1e3:.1f} ms | difference {difference:.1e} |"


def main() -> None:
    """Print the tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print("| what | library | ours | theirs | result |", "|---|---|---|---|---|", sep="\n")
    for compare in (augmentation, heat_map, measure_area):
        print(compare(), flush=True)
    print("\n| library | its import, after torch | its own files |", "|---|---|---|", sep="\n")
    for name in IMPORTS:
        print(f"| {name} | {import_seconds(name):.2f} s | {megabytes(name):.1f} MB |", flush=True)


if __name__ == "__main__":
    main()
