from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from zoo import create_model
from zoo.data.device_images import DeviceImages
from zoo.device import choose_compute
from zoo.evaluation.inference import Inference


class Noise:
    """Twelve images of noise."""

    pixels = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.pixels)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        return self.pixels[np.asarray(indices)]


def test_a_network_in_training_is_scored_in_evaluation_mode_and_goes_on_in_training_as_it_was() -> None:
    torch.manual_seed(0)
    classifier = create_model("resnet20", classes=["a", "b"])
    compute = choose_compute("cpu", "float32")
    images = DeviceImages(Noise(), compute.device)
    before = {name: tensor.clone() for name, tensor in classifier.network.state_dict().items()}
    one_by_one = Inference(images=images, compute=compute, batch_size=1)
    alone = np.concatenate([one_by_one.logits(classifier.eval(), [index]) for index in range(12)])
    classifier.train()
    found = Inference(images=images, compute=compute, batch_size=5).logits(classifier, range(12))
    np.testing.assert_allclose(found, alone, rtol=1e-4, atol=1e-5)
    assert classifier.network.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in classifier.network.state_dict().items())
