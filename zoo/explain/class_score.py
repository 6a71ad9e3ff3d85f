"""The score that a heat map explains: that of one class, chosen by the user or predicted."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor


class ClassScore:
    """The score of the class to explain, as a function of logits.

    Args:
        weights: Given the logits of the image, returns how much each output counts in the score: 1 x outputs.
        compute: Returns the logits of the image.
        taken: Called once, right after the forward pass that the logits of the image are from.
    """

    def __init__(
        self,
        weights: Callable[[Tensor], Tensor],
        compute: Callable[[], Tensor],
        *,
        taken: Callable[[], None] = lambda: None,
    ) -> None:
        self._choose, self._compute, self._taken = weights, compute, taken
        self._logits: Tensor | None = None
        self._weights: Tensor | None = None

    def __call__(self, logits: Tensor) -> Tensor:
        """Return the score of each row of logits, which may be of any number of changed images."""
        return (logits * self.weights.to(logits)).sum(dim=1)

    def use(self, logits: Tensor) -> None:
        """Take the logits of the image itself from a method that just computed them, which saves another pass."""
        if self._logits is None:
            self._take(logits)

    @property
    def logits(self) -> Tensor:
        """The logits of the image: 1 x outputs."""
        return self._take(self._compute()) if self._logits is None else self._logits

    def _take(self, logits: Tensor) -> Tensor:
        self._logits = logits.detach()
        self._taken()
        return self._logits

    @property
    def weights(self) -> Tensor:
        """How much each output counts in the score: 1 x outputs."""
        if self._weights is None:
            self._weights = self._choose(self.logits)
        return self._weights
