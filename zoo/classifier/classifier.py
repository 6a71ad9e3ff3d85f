"""The classifier: a network with its preprocessing and class names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, overload

import numpy as np
import torch
from torch import Tensor, nn

from zoo.baseline import Baseline
from zoo.bundle.baseline_file import read_baseline
from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import CALIBRATION, check_unused, read_config, write_bundle
from zoo.bundle.bundle_metrics import bundle_metrics, is_leaked
from zoo.bundle.calibration_file import read_calibration
from zoo.bundle.provenance import Provenance
from zoo.bundle.seen import Seen, read_seen
from zoo.bundle.weights_file import read_weights, stated_sha256
from zoo.calibration import UNCALIBRATED, Calibration
from zoo.classifier.explanation import Explanation, explain_image
from zoo.classifier.finite_outputs import check_finite, image_names
from zoo.classifier.head_features import head_features
from zoo.classifier.novelty_detector import NoveltyDetector, contrasts
from zoo.classifier.prediction import Prediction, class_probabilities, predictions
from zoo.classifier.same_weights import same_weights
from zoo.classifier.unwrapped import unwrapped
from zoo.classifier.weights_fingerprint import WeightsFingerprint
from zoo.config.values import checked_argument
from zoo.data.images import ImageBatch, ImageLike, as_image, as_list, pixels
from zoo.device import without_tf32
from zoo.errors import BundleError, UsageError
from zoo.gpu_memory import gpu_memory_errors
from zoo.hub import push
from zoo.metrics.metrics_file import Metrics
from zoo.nn import evaluation_mode
from zoo.progress import reporter_for
from zoo.text import quoted

Stated = TypeVar("Stated")


class Classifier(nn.Module):
    """A network with the preprocessing of its images and the names of its classes.

    Made by `zoo.create_model`, with fresh weights, and by `zoo.from_pretrained`. It is an `nn.Module`: calling it with
    a preprocessed batch returns logits, whatever they are; `predict`, `explain` and `probabilities` raise an error for
    outputs that are NaN or infinite.

    Threads can share it: `predict`, `explain`, `preprocess`, `save` and, in evaluation mode, calling it give each
    thread the results that it would get alone, to the last bit. What changes the classifier is not safe while other
    threads use it: training it, `to`, `cuda`, `half`, `train`, `eval`, `load_state_dict`, and registering hooks.
    `predict` and `explain` set evaluation mode while they run, so a classifier in training mode is not in training mode
    for other threads until they have ended.

    Args:
        network: A network with a `forward` that returns logits.
        config: Its architecture, class names and preprocessing.

    Examples:
        >>> model = zoo.from_pretrained("you/dala-breakhis-40x")
        >>> model.predict("tile.png").label
        'malignant'
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, config: BundleConfig) -> None:
        super().__init__()
        self.network = network
        self.config = config
        self.bundle: Path | None = None
        """The bundle that the weights were read from, as an absolute path; None for fresh weights."""
        self.weights_sha256: str | None = None
        """The sha256 of the weights in that bundle when they were read; None for fresh weights."""
        self.calibration: Calibration = UNCALIBRATED
        """The temperature and the decision threshold, from the validation images of the training."""
        self.detector: NoveltyDetector | None = None
        """It tells images that are unlike the training images; None if the model has none."""
        self._seen: Seen | None = None
        self._baseline: Baseline | None = None
        self._initial: WeightsFingerprint | None = None
        self._described: WeightsFingerprint | None = None
        # buffers, so that they are moved with the network, but not saved with its weights
        shape = (1, 3, 1, 1)
        preprocessing = config.preprocessing
        self.register_buffer(
            "mean", torch.tensor(preprocessing.mean, dtype=torch.float32).view(shape), persistent=False
        )
        self.register_buffer("std", torch.tensor(preprocessing.std, dtype=torch.float32).view(shape), persistent=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the probabilities."""
        return self.config.classes

    @property
    def temperature(self) -> float:
        """What logits are divided by before they become probabilities; 1 for a model that is not calibrated."""
        return self.calibration.divisor

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of a preprocessed batch.

        Args:
            x: A batch as returned by `preprocess`.
        """
        return self.network(x)  # type: ignore[no-any-return]

    def outputs(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the logits of a preprocessed batch, and how unlike the training images each image is.

        Both are from one forward pass. A novelty above 1 means: unlike the training images. It is None for a model that
        cannot tell.

        Args:
            x: A batch as returned by `preprocess`.
        """
        if self.detector is None:
            return self(x), None
        with head_features(self.network, self.detector.novelty.layer) as features:
            logits = self(x)
        if not features:
            raise self._wrong_layer("is not used")
        return logits, self.novelty(x, features[-1])

    def novelty(self, x: Tensor, features: Tensor) -> Tensor | None:
        """Return how unlike the training images each image is, from the features of its forward pass.

        Args:
            x: A batch as returned by `preprocess`.
            features: The features that feed the head, a row for each image.
        """
        if self.detector is None:
            return None
        if features.shape != (len(x), self.detector.features.shape[1]):
            raise self._wrong_layer("does not take one vector of features for each image")
        found: Tensor = self.detector(features, contrasts(x, self.mean, self.std))
        return found

    def _wrong_layer(self, what: str) -> BundleError:
        """Return the error for a layer that does not feed the head, which only a bundle of another program names."""
        layer = "" if self.detector is None else quoted(self.detector.novelty.layer)
        where = None if self.bundle is None else str(self.bundle)
        return BundleError(
            f"{CALIBRATION} names the layer {layer}, which {what}", where=where, hint="download the bundle again"
        )

    def normalize(self, batch: Tensor) -> Tensor:
        """Return pixels normalized with the mean and standard deviation of the training, in the type of the weights.

        Args:
            batch: N x 3 x height x width: 8-bit pixels, or floats already scaled to 0..1.

        Examples:
            >>> logits = model(model.normalize(torch.zeros(1, 3, 224, 224, dtype=torch.uint8)))
        """
        scaled = batch if batch.is_floating_point() else batch.float().div_(255)
        return ((scaled - self.mean) / self.std).to(self.mean.dtype)

    def preprocess(self, images: ImageLike | ImageBatch) -> Tensor:
        """Return images as the batch that `forward` takes: resized, normalized, on the network's device.

        Args:
            images: One image or several: paths, PIL images, or arrays (height x width x 3, 8 bits); or one array of
                several images.

        Examples:
            >>> logits = model(model.preprocess(["a.png", "b.png"]))
        """
        batch, _ = as_list(images)
        if not batch:
            raise UsageError("no image was given")
        stacked = np.stack([pixels(as_image(image), self.config.preprocessing) for image in batch])
        return self.normalize(torch.from_numpy(stacked).to(self.mean.device).permute(0, 3, 1, 2))

    def probabilities(self, logits: Tensor, *, images: Sequence[str] | None = None) -> Tensor:
        """Return calibrated class probabilities in float64, N x classes; for a single sigmoid output, two columns.

        A BundleError is raised if an output is NaN or infinite, so that every probability is a number.

        Args:
            logits: The output of `forward`.
            images: Names of the images for the error; by default their numbers.
        """
        check_finite(logits, images)
        return class_probabilities(logits, self.config.head, temperature=self.temperature)

    @overload
    def predict(  # type: ignore[overload-overlap]  # a str is a Sequence[str] too
        self, image: ImageLike, /, *, batch_size: int = ..., coverage: float | None = ...
    ) -> Prediction: ...
    @overload
    def predict(
        self, images: ImageBatch, /, *, batch_size: int = ..., coverage: float | None = ...
    ) -> list[Prediction]: ...

    @torch.no_grad()
    def predict(
        self, images: ImageLike | ImageBatch, /, *, batch_size: int = 32, coverage: float | None = None
    ) -> Prediction | list[Prediction]:
        """Return the predicted class and all probabilities: a Prediction for one image, a list of them for several.

        Args:
            images: One image (a path, a PIL image, or an array of height x width x 3 with 8 bits), a sequence of
                images, or one array of several (number x height x width x 3).
            batch_size: How many images go through the network at once.
            coverage: Return prediction sets too, which contain the true class with this probability for images of new
                patients, such as 0.9.

        Examples:
            >>> model.predict("tile.png").probabilities
            {'benign': 0.03, 'malignant': 0.97}
            >>> model.predict("tile.png", coverage=0.9).answer
            'benign or malignant'
            >>> [prediction.label for prediction in model.predict(["a.png", "b.png"])]
            ['benign', 'malignant']
        """
        if checked_argument("batch_size", batch_size, int) < 1:
            raise UsageError(f"batch_size must be at least 1, not {batch_size}")
        if coverage is not None:
            self.calibration.check_coverage(coverage, self.classes)
        batch, several = as_list(images)
        names = image_names(batch)
        small = f"give a smaller batch_size (now {batch_size})"
        with (
            without_tf32(),
            evaluation_mode(self.network),
            gpu_memory_errors(f"with a batch of {min(batch_size, len(batch))} images", hint=small),
        ):
            predicted = [
                prediction
                for start in range(0, len(batch), batch_size)
                for prediction in self._predict_batch(batch, slice(start, start + batch_size), names, coverage)
            ]
        return predicted if several else predicted[0]

    def _predict_batch(
        self, images: Sequence[ImageLike], part: slice, names: Sequence[str], coverage: float | None
    ) -> list[Prediction]:
        """Return the predictions for a part of some images."""
        logits, novelty = self.outputs(self.preprocess(images[part]))
        probabilities = self.probabilities(logits, images=names[part]).cpu()
        return predictions(probabilities, self.classes, self.calibration, coverage, novelty)

    @overload
    def explain(  # type: ignore[overload-overlap]
        self, image: ImageLike, /, *, method: str = ..., label: str | None = ...
    ) -> Explanation: ...
    @overload
    def explain(self, images: ImageBatch, /, *, method: str = ..., label: str | None = ...) -> list[Explanation]: ...

    def explain(
        self, images: ImageLike | ImageBatch, /, *, method: str = "grad-cam", label: str | None = None
    ) -> Explanation | list[Explanation]:
        """Return a heat map of the regions that are evidence for a class, with the prediction of the same forward pass.

        Args:
            images: One image, or several, as for `predict`. They go through the network one at a time.
            method: "grad-cam" (Grad-CAM); or only the regions above a dynamic threshold, which is Otsu's for
                "dt-gradcam" (DT Grad-CAM), and another one for "dt-gradcam-mean" (DT Grad-CAM, mean + sd) and
                "dt-gradcam-quantile" (DT Grad-CAM, upper fifth). Plugins may add others;
                `zoo plugins` lists them.
            label: The class to explain; by default the predicted class of each image.

        Examples:
            >>> explanation = model.explain("tile.png", method="dt-gradcam")
            >>> explanation.label, explanation.prediction.confidence
            ('malignant', 0.97)
            >>> explanation.overlay().save("heat.png")
        """
        batch, several = as_list(images)
        explanations = [
            explain_image(self, image, name=name, method=method, label=label)
            for image, name in zip(batch, image_names(batch), strict=True)
        ]
        return explanations if several else explanations[0]

    @property
    def seen(self) -> Seen | None:
        """The images and patients that the weights were trained and validated on; None if that is not known."""
        return self._seen if self._seen is not None else self._from_bundle(read_seen)

    @property
    def baseline(self) -> Baseline | None:
        """A simple model, fitted on the same training images, to compare results with; None if there is none."""
        if self._baseline is not None:
            return self._baseline
        return self._from_bundle(partial(read_baseline, classes=len(self.classes)))

    @property
    def leaked(self) -> bool:
        """Whether the results in its bundle are of images, or of patients, that it was trained or validated on."""
        return is_leaked(self.metrics, self.config.training)

    @property
    def metrics(self) -> Metrics | None:
        """The results in its bundle; None if it has none."""
        return self._from_bundle(bundle_metrics)

    def _from_bundle(self, read: Callable[[Path], Stated | None]) -> Stated | None:
        """Return what the bundle states; a BundleError is raised if it is another one than the weights were read from.

        Args:
            read: Reads it from the folder of the bundle.
        """
        if self.bundle is None:
            return None
        try:
            return read(self.bundle)
        finally:  # afterwards, since it may change meanwhile; also if what it has now cannot be read for this model
            if stated_sha256(self.bundle) != self.weights_sha256:
                raise BundleError(
                    "has changed since this model was loaded from it", where=str(self.bundle), hint="load it again"
                )

    def describe_training(
        self, provenance: Provenance, seen: Seen | None = None, baseline: Baseline | None = None
    ) -> Classifier:
        """State how the weights were trained, and on what, for the bundle that `save` writes; return this classifier.

        It is not true of weights that are trained further afterwards: `save` notices that.

        Args:
            provenance: How the weights were trained.
            seen: The images and patients that they were trained and validated on.
            baseline: A simple model that was fitted on the same training images.
        """
        self.config = replace(
            self.config, training=provenance, earlier_training=None, trained_elsewhere=None, earlier_elsewhere=None
        )
        self._seen, self._baseline = seen, baseline
        self._described = WeightsFingerprint(self._weights())
        return self

    def remember_seen(self, seen: Seen | None) -> None:
        """State what the weights were trained and validated on, for the bundle that `save` writes.

        Args:
            seen: The images and patients; None if the weights are fresh.
        """
        self._seen = seen

    def remember_weights(self) -> None:
        """Keep a fingerprint of weights that are not from a bundle, so that `save` notices that they were trained."""
        self._initial = WeightsFingerprint(self._weights())

    def _weights(self) -> dict[str, Tensor]:
        """Return the parameters and buffers of the network by their names in a bundle."""
        return unwrapped(self.network).state_dict()

    def _has_other_weights(self) -> bool:
        """Return whether the weights are no longer those of the bundle, or those that were remembered or described."""
        now, known = self._weights(), self._initial or self._described
        if self.bundle is not None:
            before = self._from_bundle(read_weights)
            return before is not None and not same_weights(now, before)
        return known is not None and not known.is_of(now)

    def save(self, folder: str | Path) -> Path:
        """Write a bundle with config and weights, and an input with its logits to check copies against; return it.

        If the weights have changed since they were read or made, nothing that was true of those is written of these:
        not the calibration, nor the baseline, and, unless `describe_training` says how they were trained, that they
        were trained elsewhere since, on images that are not known.

        Args:
            folder: A new folder, which is written atomically.

        Examples:
            >>> zoo.create_model("dala").save("my-model")
            PosixPath('my-model')
        """
        folder = Path(folder)
        if folder.exists():
            raise BundleError("already exists; nothing is overwritten", where=str(folder), hint="choose a new folder")
        config, seen, baseline = self.config, self.seen, self.baseline
        calibration, detector = self.calibration, self.detector
        if self._has_other_weights():
            described = self._described is not None and self._described.is_of(self._weights())
            if not described:
                earlier = config.last_training
                config = replace(config, training=None, earlier_training=earlier)
                config = replace(config, trained_elsewhere=True, earlier_elsewhere=None)
            if not described or self._seen is None:
                seen = replace(seen or Seen.unknown(), complete=False)
            baseline = self._baseline if described else None
            fitted = self._from_bundle(partial(read_calibration, classes=len(self.classes)))
            calibration = calibration.without_that_of(fitted or UNCALIBRATED)
        if detector is None or detector.novelty != calibration.novelty:  # one is of no use without the other
            calibration, detector = replace(calibration, novelty=None), None
        write_bundle(
            folder,
            config=config.to_json(),
            tensors=self._weights(),
            golden=self._golden(),
            seen=None if seen is None else seen.to_document(),
            baseline=None if baseline is None else baseline.to_document(),
            calibration=None if calibration == UNCALIBRATED else calibration.to_document(),
            novelty=None if detector is None else {"features": detector.features.half()},
        )
        return folder

    def save_pretrained(
        self, save_directory: str | Path, *, push_to_hub: bool = False, repo_id: str | None = None
    ) -> Path:
        """Write a bundle as `save` does, into a new or an empty folder; return it.

        Args:
            save_directory: The folder. One with files in it is refused: nothing is overwritten.
            push_to_hub: Publish it too, as `push_to_hub` does.
            repo_id: The repository to publish it as; by default the name of the folder, which then needs an owner.

        Examples:
            >>> model.save_pretrained("my-model")
            PosixPath('my-model')
        """
        folder = Path(save_directory)
        check_unused(folder)
        if folder.is_dir():
            folder.rmdir()  # it is empty
        self.save(folder)
        if push_to_hub:
            self.push_to_hub(repo_id or folder.name)
        return folder

    def push_to_hub(
        self,
        repo_id: str,
        *,
        commit_message: str | None = None,
        private: bool | None = None,
        token: str | None = None,
        branch: str | None = None,
        create_pr: bool = False,
        tag: str | None = None,
        license: str | None = None,  # noqa: A002
        new_card: bool = False,
    ) -> str:
        """Publish this classifier on the Hugging Face Hub as a bundle, in one commit; return the commit's URL.

        The bundle is what `save` writes; with the results and the card of the bundle that this classifier was read
        from, unless it was changed since.

        Args:
            repo_id: The repository, such as `you/dala-breakhis-40x`. It is created if it does not exist.
            commit_message: The commit message.
            private: Create a private repository. An existing public one is then refused.
            token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
            branch: The branch, which is created if it does not exist; by default the main branch.
            create_pr: Open a pull request instead, in someone else's repository, and return its URL.
            tag: A name for this version, which never moves.
            license: The Hub's name of the license of the model, such as `apache-2.0`.
            new_card: Rewrite the whole card, without what you wrote in it.

        Examples:
            >>> model.push_to_hub("you/dala-breakhis-40x")
            'https://huggingface.co/you/dala-breakhis-40x/commit/...'
        """
        with TemporaryDirectory() as folder:
            bundle = self.save(Path(folder) / "bundle")
            if self.bundle is not None and self._is_bundle(self.bundle, saved=bundle):
                bundle = self.bundle  # its metrics and card are pushed too
            return push(
                bundle,
                repo_id,
                private=bool(private),
                revision=branch,
                tag=tag,
                create_pr=create_pr,
                license=license,
                new_card=new_card,
                message=commit_message,
                token=token,
                progress=reporter_for(True),
            )

    def _is_bundle(self, folder: Path, *, saved: Path) -> bool:
        """Return whether this classifier is still what was read from a bundle.

        Args:
            folder: The bundle.
            saved: What `save` writes of this classifier.
        """
        if self._seen is not None or self._baseline is not None:  # in place of what the bundle says
            return False
        before, now = read_config(folder), read_config(saved)
        return (
            BundleConfig.read(folder) == self.config
            and read_calibration(folder, classes=len(self.classes)) == self.calibration
            and all(before.get(key) == now.get(key) for key in ("weights", "novelty"))
        )

    @torch.no_grad()
    def _golden(self) -> dict[str, Tensor]:
        """Return a fixed input and this classifier's logits for it, computed on the CPU."""
        preprocessing = self.config.preprocessing
        shape = (2, 3, preprocessing.height, preprocessing.width)
        noise = torch.rand(shape, generator=torch.Generator().manual_seed(0))
        batch = self.normalize(noise.to(self.mean.device)).cpu()
        on_cpu = self.mean.device.type == "cpu"
        network = unwrapped(self.network)
        network = network if on_cpu else deepcopy(network).cpu()  # other threads may be using it where it is
        with without_tf32(), evaluation_mode(network):
            return {"input": batch, "logits": network(batch)}
