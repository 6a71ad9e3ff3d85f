"""Classifiers in memory: those used last, and no more of them than their weights may take."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock

import torch

from zoo import Classifier, from_pretrained
from zoo.errors import BundleError


class ModelCache:
    """Classifiers by name. What is not in memory is loaded from its bundle, and the least recently used give way.

    Threads can share it. A classifier that a thread still works with stays in memory until the thread has finished.

    Args:
        device: The device of the classifiers.
        limit: How many bytes their weights may take. A single model that is larger is kept alone. None for no limit.
    """

    def __init__(self, *, device: torch.device, limit: float | None = None) -> None:
        self._device, self._limit = device, float("inf") if limit is None else limit
        self._folders: dict[str, Path] = {}
        self._weights: dict[str, str | None] = {}
        self._sizes: dict[str, int] = {}
        self._loaded: OrderedDict[str, Classifier] = OrderedDict()
        self._lock = Lock()

    @property
    def in_memory(self) -> tuple[str, ...]:
        """The names of the classifiers in memory, the one used last at the end."""
        return tuple(self._loaded)

    @property
    def size(self) -> int:
        """The bytes of the weights of all models, whether they are in memory or not."""
        return sum(self._sizes.values())

    def add(self, name: str, classifier: Classifier) -> None:
        """Add a classifier; one that is not from a bundle, but from a repository of timm, stays in memory."""
        with self._lock:
            if classifier.bundle is not None:
                self._folders[name], self._weights[name] = classifier.bundle, classifier.weights_sha256
            self._sizes[name] = sum(
                tensor.numel() * tensor.element_size() for tensor in (*classifier.parameters(), *classifier.buffers())
            )
            self._keep(name, classifier)

    def __getitem__(self, name: str) -> Classifier:
        """Return a classifier, loaded if it is not in memory; a BundleError says that its folder has other weights."""
        with self._lock:
            if name in self._loaded:
                self._loaded.move_to_end(name)
            else:
                self._make_room(name)
                self._keep(name, self._load_again(name))
            return self._loaded[name]

    def _load_again(self, name: str) -> Classifier:
        """Return a classifier from its bundle: the one that was added, whose classes and results the page states."""
        classifier = from_pretrained(self._folders[name])
        if classifier.weights_sha256 != self._weights[name]:
            raise BundleError("the model has changed since the page was started", where=name, hint="start it again")
        return classifier

    def _keep(self, name: str, classifier: Classifier) -> None:
        self._make_room(name)
        self._loaded[name] = classifier.to(self._device)

    def _make_room(self, name: str) -> None:
        """Drop the least recently used classifiers until this one fits."""
        for other in [one for one in self._loaded if one in self._folders]:
            if sum(self._sizes[one] for one in {*self._loaded, name}) <= self._limit:
                return
            del self._loaded[other]
