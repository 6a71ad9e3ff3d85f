"""DenseNet121 (Huang et al. 2017), and what Liu 2023 counts under that name.

With two classes DenseNet121 has 6,955,906 parameters; the paper counts 9,028,970. That is the whole network with
ImageNet's 1000 classes, 7,978,856, and a head Linear(2048 -> 512), Linear(512 -> 2), 1,050,114, which cannot be called:
it was set on an attribute that DenseNet does not use, and DenseNet has 1024 features. So the paper's results are those
of a classifier of 1000 classes of which two ever occur. The option `literal` builds that.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import densenet121

from zoo_baselines.loading import load_but_head

IMAGENET_CLASSES = 1000


class DenseNet121(nn.Module):
    """The features, pooling, one linear layer."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        densenet = densenet121(weights=None, num_classes=num_outputs)
        self.features = densenet.features
        self.classifier = densenet.classifier

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(F.relu(self.features(x)).mean(dim=(2, 3)))
        return logits


class LiteralDenseNet121(DenseNet121):
    """All of ImageNet's 1000 outputs, of which the first few are given as the logits; and a head that is never called.

    As its head was never called, the paper's loss went over all 1000, and training had to silence the other 998. A
    network of the zoo gives one logit a class. So here they stay out of the loss: they take no share of the probability
    and are never predicted. Trained until they are silent, both come to the same.
    """

    def __init__(self, num_outputs: int) -> None:
        if num_outputs > IMAGENET_CLASSES:
            raise ValueError(f"the literal network has {IMAGENET_CLASSES} outputs, which is less than {num_outputs}")
        super().__init__(IMAGENET_CLASSES)
        self.num_outputs = num_outputs
        self.fc = nn.Sequential(nn.Linear(2048, 512), nn.ReLU(inplace=True), nn.Linear(512, num_outputs))
        self.fc.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, : self.num_outputs]


def build(num_outputs: int, *, literal: bool) -> nn.Module:
    """The network with fresh weights."""
    return LiteralDenseNet121(num_outputs) if literal else DenseNet121(num_outputs)


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Weights from timm or torchvision, which name them alike. The literal network takes ImageNet's head as well."""
    load_but_head(network, tensors, head="fc" if isinstance(network, LiteralDenseNet121) else "classifier")
