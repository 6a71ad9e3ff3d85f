"""From MODEL, as users name it, to its bundle: MODEL is a run folder, a bundle folder or a Hub id."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, WEIGHTS, is_bundle
from zoo.errors import BundleError, HubError, UsageError, did_you_mean
from zoo.hub import pull
from zoo.progress import Reporter
from zoo.runs import Run, is_run
from zoo.text import cut_short

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_MODEL = "a model is a run folder, a bundle folder, or a Hub id such as you/dala-breakhis-40x"


def resolve(
    model: str | Path,
    *,
    revision: str | None = None,
    progress: Reporter | None = None,
) -> Path:
    """Return the bundle folder of a model, downloaded if it is a Hub id. An existing folder takes precedence.

    Args:
        model: A run folder, a bundle folder, or a Hub id.
        revision: A branch, a tag or a commit on the Hub.
        progress: Receives messages.
    """
    try:
        path = Path(model).expanduser()
        local = _in_folder(path) if path.exists() else None
    except (OSError, RuntimeError) as error:
        raise BundleError(f"cannot be read: {error}", where=str(model), hint=_MODEL) from error
    if local is not None and revision is not None:
        raise UsageError("a local folder has no revisions", where=str(model), hint="leave out the revision")
    if local is not None:
        return local
    if not is_hub_id(str(model)):
        raise _not_found(str(model), path)
    try:
        return pull(str(model), revision=revision, progress=progress)
    except HubError as error:
        similar = _similar_name(path)
        hint = f"{error.hint or _MODEL}; there is no local folder of that name" + (f": {similar}" if similar else "")
        raise type(error)(error.message, where=error.where, hint=hint) from error


def is_hub_id(text: str) -> bool:
    """Return whether a text can be the id of a model on the Hub."""
    return _HUB_ID.fullmatch(text) is not None


def _in_folder(path: Path) -> Path:
    """Return the bundle folder that an existing path means."""
    if is_bundle(path):
        return path
    if is_run(path):
        return _in_run(path)
    if not path.is_dir():
        raise BundleError("this is a file, not the folder of a model", where=str(path), hint=_MODEL)
    if any((path / name).is_file() for name in (CONFIG, WEIGHTS)):
        missing = WEIGHTS if (path / CONFIG).is_file() else CONFIG
        raise BundleError(f"this bundle has no {missing}", where=str(path), hint="save it or download it again")
    runs = sorted(str(folder) for folder in path.iterdir() if is_run(folder) or is_bundle(folder))
    if len(runs) == 1:
        raise BundleError("this folder is not a model, but contains one", where=str(path), hint=f"give {runs[0]}")
    if runs:
        raise BundleError(
            "this folder contains several models", where=str(path), hint=f"choose one: {cut_short(runs, 8)}"
        )
    raise BundleError("this folder is neither a run nor a bundle", where=str(path), hint=_MODEL)


def _in_run(path: Path) -> Path:
    """Return the bundle folder of a run."""
    run = Run.open(path)
    if is_bundle(run.bundle):
        return run.bundle
    status = run.record.status
    hint = "the bundle is written when the training has finished"
    if status != "running":
        hint = f"resume the training: zoo train --resume {path}"
    raise BundleError(
        f"this run has no bundle yet (its status: {status})",
        where=str(path),
        hint=hint,
    )


def _not_found(text: str, path: Path) -> BundleError:
    """Return the error for text that is neither an existing folder nor a possible Hub id."""
    from zoo.registry import registry

    catalog = registry().catalog
    if text in catalog.models:
        weights = catalog.models[text].weights
        published = f"published weights: {weights}; or " if weights else ""
        return BundleError(
            "this is the name of a model, not a trained model", where=text, hint=f"{published}zoo train {text}"
        )
    return BundleError(
        "there is no such folder, and this is not a Hub id", where=text, hint=_similar_name(path) or _MODEL
    )


def _similar_name(path: Path) -> str | None:
    """Return "did you mean …?" with the runs and bundles in the same folder; None if no name is similar."""
    if not path.parent.is_dir():
        return None
    names = [folder.name for folder in path.parent.iterdir() if is_run(folder) or is_bundle(folder)]
    guess = did_you_mean(path.name, names) if names else ""
    return guess if guess.startswith("did you mean") else None
