"""The models on the page: those that are named, or those that are found, or one that is trained now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zoo.errors import HubError, UsageError
from zoo.hub import pull
from zoo.progress import Reporter
from zoo.registry import registry
from zoo_demo.newest_runs import newest_runs
from zoo_demo.sample_model import MEANS_NOTHING, WHAT, train_sample_model

MAX_FOUND = 4
"""How many models are shown if none is named."""
QUESTION = f"There is no finished run here, and no weights are published.\nTrain {WHAT} ({MEANS_NOTHING})?"


def models_to_show(
    named: Sequence[str],
    *,
    device: str,
    confirm: Callable[[str], bool],
    progress: Reporter | bool,
    echo: Callable[[str], None],
) -> list[str]:
    """Return the named models; without one, the newest runs and published weights; without these, a new small model.

    Args:
        named: Run folders, bundle folders or Hub ids.
        device: The device to train a small model on.
        confirm: Given a question, returns whether a small model is trained.
        progress: Shows the progress of the training.
        echo: Called with each message for the user.
    """
    if named:
        return list(named)
    found = newest_runs(limit=MAX_FOUND)
    found += _downloaded(published_weights()[: MAX_FOUND - len(found)], echo)
    if found:
        return found
    if not confirm(QUESTION):
        raise UsageError(
            "no model to show: there is no finished run here, and no weights are published",
            hint="train one: zoo train dala; or let the demo train a small one on synthetic images: zoo demo --train",
        )
    echo(f"training {WHAT}; {MEANS_NOTHING}")
    return [train_sample_model(device=device, progress=progress)]


def published_weights() -> list[str]:
    """Return the repositories of the weights that the registry names."""
    models = registry().catalog.models.values()
    return list(dict.fromkeys(model.weights for model in models if model.weights))


def _downloaded(repos: Sequence[str], echo: Callable[[str], None]) -> list[str]:
    """Return the repositories that could be downloaded, or had been; say which could not."""
    here = []
    for repo in repos:
        echo(f"downloading {repo}, which the registry names")
        try:
            pull(repo)
        except HubError as error:
            echo(f"left out: {error}")
        else:
            here.append(repo)
    return here
