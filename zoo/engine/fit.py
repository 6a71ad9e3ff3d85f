"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from zoo.classifier import Classifier
from zoo.data.augment import augment
from zoo.data.draws import shuffled
from zoo.data.split import Split
from zoo.device import Compute
from zoo.engine.optim import class_weights, learning_rate, make_loss, make_optimizer
from zoo.engine.score import score
from zoo.errors import TrainingError
from zoo.progress import Watcher
from zoo.spec import Recipe


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One row of the history."""

    epoch: int
    train_loss: float
    val_loss: float | None
    val_accuracy: float | None
    val_balanced_accuracy: float | None
    lr: float
    images_per_second: float
    seconds: float
    best: bool


@dataclass(frozen=True, kw_only=True)
class Data:
    """What there is to train on: pixels and labels by index, and who is in which part."""

    pixels: np.ndarray
    labels: np.ndarray
    split: Split


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What training gives."""

    weights: Mapping[str, Tensor]
    best_epoch: int
    epochs_run: int


def fit(
    classifier: Classifier,
    data: Data,
    recipe: Recipe,
    *,
    seed: int,
    compute: Compute,
    watch: Watcher,
    on_epoch: Callable[[Epoch], None],
) -> Fitted:
    """Train, and give the weights of the epoch that the recipe selects."""
    train = np.asarray(data.split.train)
    torch.manual_seed(seed)
    compute.place(classifier)
    optimizer = make_optimizer(classifier.network, recipe)
    weights = None
    if recipe.class_weights == "balanced":
        weights = class_weights(data.labels[train].tolist(), len(classifier.classes)).to(compute.device)
    loss_of = make_loss(classifier.description.head, weights)
    labels = torch.from_numpy(data.labels).to(compute.device)
    per_epoch = len(train) // recipe.batch_size  # a last, smaller batch is left out: the next epoch shuffles anew
    steps = per_epoch * recipe.epochs
    best: tuple[float, int, Mapping[str, Tensor]] | None = None

    with watch.track("training", steps, "steps") as task:
        for epoch in range(1, recipe.epochs + 1):
            began = time.perf_counter()
            order = shuffled(seed, epoch, train)
            total = torch.zeros((), device=compute.device)
            classifier.train()
            for number in range(per_epoch):
                step = (epoch - 1) * per_epoch + number
                rate = learning_rate(recipe, step, steps)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                chosen = order[number * recipe.batch_size : (number + 1) * recipe.batch_size]
                batch = torch.from_numpy(data.pixels[chosen]).to(compute.device).permute(0, 3, 1, 2)
                batch = augment(batch.float().div_(255), recipe.augment, seed=seed, epoch=epoch, indices=chosen)
                with compute.autocast():
                    logits = classifier(classifier.normalise(batch))
                loss = loss_of(logits, labels[torch.from_numpy(chosen)])
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += loss.detach()
                task.advance(epoch=f"{epoch}/{recipe.epochs}", rate=f"{rate:.1e}")
            mean_loss = total.item() / per_epoch
            if not np.isfinite(mean_loss):
                raise TrainingError(
                    f"the loss became {mean_loss} in epoch {epoch}", hint="a smaller --lr usually helps"
                )
            seconds = time.perf_counter() - began
            measured = _validate(classifier, data, compute, recipe.batch_size)
            value = _rank(recipe, epoch, measured)
            chosen_now = best is None or value > best[0]
            if chosen_now:
                best = (value, epoch, _copied(classifier))
            row = Epoch(
                epoch=epoch,
                train_loss=mean_loss,
                **measured,
                lr=rate,
                images_per_second=per_epoch * recipe.batch_size / seconds,
                seconds=time.perf_counter() - began,
                best=chosen_now,
            )
            on_epoch(row)
            if recipe.patience is not None and best is not None and epoch - best[1] >= recipe.patience:
                watch.say(f"stopped after epoch {epoch}: none of {recipe.patience} epochs was better than {best[1]}")
                break
    if best is None:
        raise TrainingError("no epoch was trained")
    return Fitted(weights=best[2], best_epoch=best[1], epochs_run=epoch)


def _validate(classifier: Classifier, data: Data, compute: Compute, batch_size: int) -> dict[str, float | None]:
    """Loss and accuracies on the validation part; nothing where there is none."""
    indices = data.split.val
    if not indices:
        return dict.fromkeys(("val_loss", "val_accuracy", "val_balanced_accuracy"))
    probabilities = score(classifier, data.pixels, indices, compute=compute, batch_size=batch_size)
    truth = data.labels[list(indices)]
    right = probabilities.argmax(axis=1) == truth
    likelihood = probabilities[np.arange(len(truth)), truth].clip(1e-12)
    return {
        "val_loss": float(-np.log(likelihood).mean()),
        "val_accuracy": float(right.mean()),
        "val_balanced_accuracy": float(np.mean([right[truth == label].mean() for label in np.unique(truth)])),
    }


def _rank(recipe: Recipe, epoch: int, measured: Mapping[str, float | None]) -> float:
    """How good an epoch is by the recipe's measure; without a validation part the last is taken."""
    value = None if recipe.select == "last" else measured[f"val_{recipe.select}"]
    if value is None:
        return float(epoch)
    return -value if recipe.select == "loss" else value


def _copied(classifier: Classifier) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in classifier.network.state_dict().items()}


def as_row(epoch: Epoch) -> dict[str, float | bool | None]:
    """Plain values for history.jsonl."""
    return asdict(epoch)
