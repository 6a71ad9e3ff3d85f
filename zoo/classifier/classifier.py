"""The classifier: a network with its preprocessing and class names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import read_config, write_bundle
from zoo.bundle.provenance import Provenance
from zoo.data.images import as_image, pixels
from zoo.device import exactly
from zoo.errors import BundleError, PluginError, UnknownNameError
from zoo.explain import dynamic_threshold, grad_cam, overlay
from zoo.hub import push
from zoo.registry import registry

if TYPE_CHECKING:
    from PIL.Image import Image

METHODS = ("grad-cam", "dt-gradcam")


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a classifier says of one image."""

    label: str
    probabilities: Mapping[str, float]

    @property
    def confidence(self) -> float:
        """The probability of the label."""
        return self.probabilities[self.label]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where a classifier looked."""

    image: Image
    label: str
    method: str
    heat: np.ndarray
    """The map in 0..1, as coarse as the layer it comes from."""
    prediction: Prediction

    def overlay(self) -> Image:
        """The map over the image."""
        return overlay(self.image, self.heat)


class Classifier(nn.Module):
    """A network that knows how its images are prepared and what its outputs mean."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, config: BundleConfig) -> None:
        super().__init__()
        self.network = network
        self.config = config
        self.home: Path | None = None
        """The bundle these weights were read from."""
        # constants of the preprocessing: they move with the network but are no weights
        shape = (1, 3, 1, 1)
        preprocessing = config.preprocessing
        self.register_buffer("mean", torch.tensor(preprocessing.mean).view(shape), persistent=False)
        self.register_buffer("std", torch.tensor(preprocessing.std).view(shape), persistent=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names, in the order of the probabilities."""
        return self.config.classes

    def forward(self, x: Tensor) -> Tensor:
        """Logits of a batch as `preprocess` gives it."""
        return self.network(x)  # type: ignore[no-any-return]

    def normalise(self, batch: Tensor) -> Tensor:
        """8-bit pixels, N x 3 x height x width, or the same scaled to 0..1, as the network wants them."""
        scaled = batch if batch.is_floating_point() else batch.float().div_(255)
        return (scaled - self.mean) / self.std

    def preprocess(self, images: Any) -> Tensor:
        """One image, or a batch of them, as the tensor that `forward` takes."""
        batch = images if _is_batch(images) else [images]
        stacked = np.stack([pixels(as_image(image), self.config.preprocessing) for image in batch])
        return self.normalise(torch.from_numpy(stacked).to(self.mean.device).permute(0, 3, 1, 2))

    def probabilities(self, logits: Tensor) -> Tensor:
        """One column a class, each row adding up to one; two columns from a single sigmoid output too."""
        logits = logits.float()
        if self.config.head == "sigmoid":
            positive = torch.sigmoid(logits)
            return torch.cat([1 - positive, positive], dim=1)
        return torch.softmax(logits, dim=1)

    @torch.no_grad()
    def predict(self, images: Any, *, batch_size: int = 32) -> Any:
        """A Prediction for one image (a path, a PIL image or an array), a list of them for a batch."""
        batch = list(images) if _is_batch(images) else [images]
        training = self.training
        self.eval()
        try:
            with exactly():
                rows = [
                    self.probabilities(self(self.preprocess(batch[start : start + batch_size]))).cpu()
                    for start in range(0, len(batch), batch_size)
                ]
        finally:
            self.train(training)
        found = [self._prediction(row) for chunk in rows for row in chunk.tolist()]
        return found if _is_batch(images) else found[0]

    def _prediction(self, row: list[float]) -> Prediction:
        probabilities = dict(zip(self.classes, row, strict=True))
        return Prediction(label=max(probabilities, key=lambda name: probabilities[name]), probabilities=probabilities)

    def explain(self, image: Any, *, method: str = "grad-cam", label: str | None = None) -> Explanation:
        """Where the network looked in one image, for the predicted class or for `label`."""
        if method not in METHODS:
            raise UnknownNameError("method", method, METHODS)
        if label is not None and label not in self.classes:
            raise UnknownNameError("class", label, self.classes)
        architecture, plugin = registry().architecture(self.config.architecture)
        if architecture.cam_layer is None:
            raise PluginError(f"{architecture.name} names no layer for a class-activation map", where=plugin)
        picture = as_image(image)
        x = self.preprocess(picture)
        with torch.no_grad():
            prediction = self.predict(picture)
        shown = label or prediction.label
        weights = self._output_weights(shown).to(x)
        with exactly():
            heat = grad_cam(self.network, architecture.cam_layer, x, weights, tokens=architecture.cam_tokens)
        values = heat[0].cpu().double().numpy()
        if method == "dt-gradcam":
            values = dynamic_threshold(values)
        return Explanation(image=picture, label=shown, method=method, heat=values, prediction=prediction)

    def _output_weights(self, label: str) -> Tensor:
        """Which output speaks for a class; a single sigmoid output speaks against the first one."""
        number = self.classes.index(label)
        if self.config.head == "sigmoid":
            return torch.tensor([[1.0 if number else -1.0]])
        return torch.eye(len(self.classes))[number : number + 1]

    def describe_training(self, provenance: Provenance) -> Classifier:
        """State how the weights were trained, for the bundle that `save` writes; return this classifier."""
        self.config = replace(self.config, training=provenance)
        return self

    def save(self, folder: str | Path) -> Path:
        """Write a bundle: config, weights, and an input with its output to check copies against."""
        folder = Path(folder)
        if folder.exists():
            raise BundleError("exists already; a bundle never overwrites", where=str(folder))
        write_bundle(
            folder,
            config=self.config.to_json(),
            tensors=self.network.state_dict(),
            golden=self._golden(),
        )
        return folder

    def push_to_hub(self, repo: str, *, private: bool = False, message: str | None = None) -> str:
        """Publish this classifier as a bundle, in one commit; gives the commit's address."""
        with TemporaryDirectory() as folder:
            bundle = self.save(Path(folder) / "bundle")
            if self.home is not None and read_config(self.home)["weights"] == read_config(bundle)["weights"]:
                bundle = self.home  # unchanged since it was read: its numbers and its card go along
            return push(bundle, repo, private=private, message=message)

    @torch.no_grad()
    def _golden(self) -> dict[str, Tensor]:
        """A fixed input and this classifier's logits for it, on the CPU."""
        preprocessing = self.config.preprocessing
        shape = (2, 3, preprocessing.height, preprocessing.width)
        noise = torch.rand(shape, generator=torch.Generator().manual_seed(0))
        device, training = self.mean.device, self.training
        self.cpu().eval()
        try:
            given = self.normalise(noise)
            return {"input": given, "logits": self(given)}
        finally:
            self.to(device).train(training)


def _is_batch(images: Any) -> bool:
    return isinstance(images, list | tuple) or (isinstance(images, np.ndarray) and images.ndim == 4)
