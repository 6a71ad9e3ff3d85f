"""Evaluation mode for the duration of a block, also for a network that several threads share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from torch import nn


@contextmanager
def evaluation_mode(network: nn.Module) -> Iterator[None]:
    """Set evaluation mode inside the block, and restore the mode of every module after it.

    A network has one mode for all threads: the first of several to enter sets evaluation mode, and the last to leave
    restores the mode.

    Args:
        network: The network. Threads that share it must all give this module, not different parts of it.

    Examples:
        >>> with evaluation_mode(network), torch.no_grad():
        ...     logits = network(x)
    """
    with _lock:
        if network not in _uses:
            _uses[network] = _Use([(module, module.training) for module in network.modules()])
            if any(training for _, training in _uses[network].modes):
                network.eval()
        use = _uses[network]
        use.blocks += 1
    try:
        yield
    finally:
        with _lock:
            use.blocks -= 1
            if not use.blocks:
                del _uses[network]
                use.restore()


@dataclass
class _Use:
    """The modes to restore, and the number of blocks that are running."""

    modes: list[tuple[nn.Module, bool]]
    blocks: int = 0

    def restore(self) -> None:
        """Restore the mode of each module. A part may have another mode than the whole, such as a frozen batch norm."""
        network, training = self.modes[0]
        if training:
            network.train()
        for module, mode in self.modes:
            module.training = mode


_lock = Lock()
_uses: dict[nn.Module, _Use] = {}
