"""DenseNet121 (Huang et al. 2017), and the network whose parameters Liu 2023 counts under that name.

With two classes DenseNet121 has 6,955,906 parameters; the paper counts 9,028,970. That is the whole network with
ImageNet's 1000 classes, 7,978,856, and a head Linear(2048 -> 512), Linear(512 -> 2), 1,050,114, that cannot be called:
it was assigned to an attribute that DenseNet does not use, and DenseNet has 1024 features. So the paper's results are
those of a classifier with 1000 classes, only two of which occur in the data. The option `literal` builds that network.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import densenet121

from zoo.nn import load_trunk

IMAGENET_CLASSES = 1000


class DenseNet121(nn.Module):
    """Features, pooling, one linear layer."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        densenet = densenet121(weights=None, num_classes=num_outputs)
        self.features = densenet.features
        self.classifier = densenet.classifier

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(F.relu(self.features(x)).mean(dim=(2, 3)))
        return logits


class LiteralDenseNet121(DenseNet121):
    """A network with ImageNet's 1000 outputs, the first of which are the logits, and a head that is never called.

    The paper's loss was computed over all 1000 outputs, so training had to suppress the other 998. A network in the zoo
    returns one logit for each class, so the others are not part of the loss: they get no probability and are never
    predicted. Once the paper's training has suppressed them, the two are equivalent.
    """

    def __init__(self, num_outputs: int) -> None:
        if num_outputs > IMAGENET_CLASSES:
            raise ValueError(f"the literal network has {IMAGENET_CLASSES} outputs, fewer than {num_outputs}")
        super().__init__(IMAGENET_CLASSES)
        self.num_outputs = num_outputs
        self.fc = nn.Sequential(nn.Linear(2048, 512), nn.ReLU(inplace=True), nn.Linear(512, num_outputs))
        self.fc.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, : self.num_outputs]


def build(num_outputs: int, *, literal: bool) -> nn.Module:
    """Return the network with fresh weights."""
    return LiteralDenseNet121(num_outputs) if literal else DenseNet121(num_outputs)


def load_imagenet(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load weights from timm or torchvision, which use the same names; the literal network gets ImageNet's head too."""
    load_trunk(network, tensors, keep="fc" if isinstance(network, LiteralDenseNet121) else "classifier")
