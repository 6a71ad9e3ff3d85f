"""The weights that a training kept, and a few steps of training by hand."""

from __future__ import annotations

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from zoo.classifier import create_model
from zoo.device import Compute
from zoo.runs import Run


def weights_of(run: Run) -> dict[str, Tensor]:
    """Return the weights in the bundle of a run."""
    return load_file(run.bundle / "model.safetensors")


def differing(one: dict[str, Tensor], other: dict[str, Tensor]) -> list[str]:
    """Return the names of the tensors that are not the same to the last bit."""
    assert one.keys() == other.keys()
    return [name for name, tensor in one.items() if not torch.equal(tensor, other[name])]


def train_by_hand(
    name: str, compute: Compute, *, size: tuple[int, int], steps: int, images: int = 4, rate: float = 1e-3
) -> tuple[list[float], dict[str, Tensor]]:
    """Train a new network for a few steps on the same images of noise; return the losses and the weights."""
    torch.manual_seed(0)
    classifier = compute.place(create_model(name)).train()
    pixels = torch.randint(0, 256, (images, 3, *size), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    batch = compute.arrange(classifier.normalize(pixels.to(compute.device)))  # type: ignore[operator]
    labels = torch.arange(images, device=compute.device) % 2
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=rate, fused=True)
    losses: list[Tensor] = []
    with compute.torch_settings():
        for step in range(steps):
            torch.manual_seed(step)
            with compute.autocast():
                logits = classifier(batch)
            outputs = logits.float()
            if outputs.shape[1] == 1:
                loss = F.binary_cross_entropy_with_logits(outputs[:, 0], labels.float())
            else:
                loss = F.cross_entropy(outputs, labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(loss.detach())
    return torch.stack(losses).tolist(), {key: value.cpu() for key, value in classifier.state_dict().items()}
