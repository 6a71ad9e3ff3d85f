"""Is the network worth it? Its measures beside those of a simple model on the same images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zoo.metrics.metrics_file import BaselineResult
from zoo.metrics.outputs import Outputs
from zoo.metrics.paired import paired_differences


def compare_with_baseline(outputs: Outputs, simple: NDArray[np.floating], *, images: int) -> BaselineResult:
    """Return the measures of a simple model, and the differences of the network from them.

    Args:
        outputs: The network's outputs.
        simple: The outputs of the simple model for the same images.
        images: How many images the simple model was fitted on.
    """
    of_simple = outputs.uncalibrated(simple)
    measures = of_simple.measure()
    return BaselineResult(
        images=images,
        largest_class=float(np.bincount(outputs.labels).max() / len(outputs.labels)),
        measures=measures,
        differences=paired_differences(
            [outputs.checked()], [of_simple.checked()], minority=measures.classes.index(measures.minority)
        ),
    )
