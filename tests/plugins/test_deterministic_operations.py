"""No network of the zoo needs an operation that has no deterministic implementation on a GPU."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from tests.architectures import one_of_each_architecture
from zoo import create_model

NONDETERMINISTIC = {
    *(
        "_adaptive_avg_pool2d_backward",
        "adaptive_max_pool2d_backward",
        "fractional_max_pool2d_backward",
        "max_unpool2d",
    ),
    *("upsample_bilinear2d_backward", "upsample_bicubic2d_backward", "upsample_linear1d_backward"),
    *("_upsample_bilinear2d_aa_backward", "_upsample_bicubic2d_aa_backward", "grid_sampler_2d_backward"),
    *(
        "reflection_pad1d_backward",
        "reflection_pad2d_backward",
        "replication_pad2d_backward",
        "replication_pad1d_backward",
    ),
    *("cumsum", "put_", "histc", "median", "kthvalue", "nll_loss2d_backward", "_embedding_bag", "scatter_reduce"),
}
"""Those that torch refuses on CUDA under `use_deterministic_algorithms`, by their names in ATen."""


class _Recorded(TorchDispatchMode):
    """Records the names of all operations."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.add(func.name().removeprefix("aten::").partition(".")[0])
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", one_of_each_architecture())
def test_a_network_can_be_trained_deterministically_on_a_gpu(name: str) -> None:
    """Of another size than its own, to which it has to pool or resample."""
    with torch.device("meta"):
        classifier = create_model(name).train()
    size = classifier.config.preprocessing
    with FakeTensorMode(allow_non_fake_inputs=True):  # tensors have shapes and no values: nothing is computed
        classifier.to_empty(device="cpu")
        with _Recorded() as recorded:
            classifier(torch.rand(2, 3, size.height + 112, size.width + 224)).sum().backward()
    assert recorded.names & {"convolution_backward", "mm"}
    assert not recorded.names & NONDETERMINISTIC
