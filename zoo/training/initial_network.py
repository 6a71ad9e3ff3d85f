"""The network that a training starts with, before anything is written: a refusal leaves no folder behind."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from zoo.bundle.provenance import InitialWeights
from zoo.bundle.seen import Seen
from zoo.classifier import Classifier, from_blueprint
from zoo.progress import Reporter
from zoo.training.initial_model import load_initial_model, planned_initial_model
from zoo.training.initial_weights import load_initial_weights
from zoo.training.plan import Plan
from zoo.training.setup import TrainingSetup


@dataclass(frozen=True, kw_only=True)
class InitialNetwork:
    """A classifier with its initial weights, and what these are."""

    classifier: Classifier
    weights: InitialWeights
    before: Seen | None
    """What the trained model had seen that the weights are from; None if they are not from a trained model."""


def make_initial_network(
    setup: TrainingSetup, *, progress: Reporter, known: tuple[InitialWeights | None, Seen | None] | None = None
) -> InitialNetwork:
    """Build the network on the device and load its initial weights, which are the same in all processes.

    Args:
        setup: The training.
        progress: Shows progress and messages.
        known: What the initial weights of a run with a checkpoint are, and what had been seen before; no weights are
            loaded, since a checkpoint has weights.
    """
    plan, classes, world = setup.plan, setup.data.manifest.classes, setup.world
    torch.manual_seed(plan.config.seed)
    classifier = from_blueprint(plan.blueprint, classes)
    found = known
    if found is None and world.chief:
        found = _load(classifier.network, plan, classes, progress)
    weights, before = world.broadcast_object(found)
    classifier.to(setup.compute.compute.device)
    world.broadcast(classifier.network.state_dict().values())
    return InitialNetwork(classifier=classifier, weights=weights, before=before)


def _load(
    network: nn.Module, plan: Plan, classes: tuple[str, ...], progress: Reporter
) -> tuple[InitialWeights, Seen | None]:
    """Load initial weights into a new network; return what they are, and what their model had seen."""
    found = planned_initial_model(plan, progress)
    if found is None:
        return load_initial_weights(network, plan.blueprint, str(plan.config.model.init), progress), None
    return load_initial_model(network, found, plan.blueprint, classes, progress)
