"""A trained classifier for other classes: its head is replaced by a fresh one."""

from __future__ import annotations

import warnings
from dataclasses import replace

from zoo.bundle.seen import Seen
from zoo.classifier.classifier import Classifier
from zoo.classifier.head_parameters import head_parameters
from zoo.config.values import checked_argument
from zoo.errors import FreshHeadWarning
from zoo.nn.gradients_allowed import gradients_allowed
from zoo.registry import build_network, outputs_for, registry
from zoo.text import cut_short, one_line


def with_new_head(classifier: Classifier, num_classes: int) -> Classifier:
    """Return a classifier for `num_classes`, named "0", "1" and so on; the same one if it has as many already.

    All weights but those of the head are kept, and it is a `FreshHeadWarning` that the head is not. How they were
    trained, and what the classifier has seen, is kept too, so that its origin is stated and what it has seen is never
    measured as new.

    Args:
        classifier: A trained classifier.
        num_classes: The number of classes.
    """
    before = classifier.config
    if checked_argument("num_classes", num_classes, int) == len(before.classes):
        return classifier
    architecture, plugin = registry().architecture(before.architecture)
    outputs = outputs_for(num_classes, "softmax")
    head = head_parameters(architecture, before.options, outputs=outputs, plugin=plugin)
    with gradients_allowed():
        network = build_network(architecture, outputs, before.options, plugin=plugin)
        weights = {name: tensor for name, tensor in classifier.network.state_dict().items() if name not in head}
        network.load_state_dict({**network.state_dict(), **weights})
        names = tuple(str(number) for number in range(num_classes))
        trained = before.last_training
        config = replace(
            before,
            classes=names,
            head="softmax",
            training=None,
            earlier_training=trained,
            trained_elsewhere=None,
            earlier_elsewhere=before.elsewhere or None,
        )
        made = Classifier(network, config).eval()
    made.remember_seen(classifier.seen or (None if trained is None else Seen.unknown()))
    made.remember_weights()
    warnings.warn(
        FreshHeadWarning(
            f"{one_line(before.entry)}: its head for {cut_short(list(map(one_line, before.classes)), 8)} is replaced "
            f"by a fresh one for {num_classes} classes, as num_classes asks: train it before you predict with it"
        ),
        stacklevel=3,
    )
    return made
