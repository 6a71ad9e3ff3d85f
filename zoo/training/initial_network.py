"""The network that a training starts with, before anything is written: a refusal leaves no folder behind."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from zoo.bundle.provenance import InitialWeights
from zoo.classifier import Classifier, from_blueprint
from zoo.distributed.world import World
from zoo.progress import Reporter
from zoo.training.initial_weights import load_initial_weights
from zoo.training.plan import Plan


@dataclass(frozen=True, kw_only=True)
class InitialNetwork:
    """A classifier with its initial weights, and what these are."""

    classifier: Classifier
    weights: InitialWeights


def make_initial_network(
    plan: Plan,
    classes: tuple[str, ...],
    *,
    device: torch.device,
    world: World,
    progress: Reporter,
    known: InitialWeights | None = None,
) -> InitialNetwork:
    """Build the network on the device and load its initial weights, which are the same in all processes.

    Args:
        plan: The model and the configuration.
        classes: The names of the classes.
        device: The device to train on.
        world: The processes that train together.
        progress: Shows progress and messages.
        known: What the initial weights of a run with a checkpoint are; none are loaded, since a checkpoint has weights.
    """
    torch.manual_seed(plan.config.seed)
    classifier = from_blueprint(plan.blueprint, classes)
    weights = known
    if weights is None and world.chief:
        weights = load_initial_weights(classifier.network, plan.blueprint, plan.config.model.init, progress)
    weights = world.broadcast_object(weights)
    classifier.to(device)
    world.broadcast(classifier.network.state_dict().values())
    return InitialNetwork(classifier=classifier, weights=weights)
