"""Where a model lies: in a run, in a bundle, or on the Hub."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, WEIGHTS, is_bundle
from zoo.errors import BundleError, HubError, UsageError, did_you_mean
from zoo.hub.push import pull
from zoo.progress import Reporter
from zoo.runs import Run, is_run

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_WHAT = "a model is a run folder, a bundle folder, or a Hub id such as you/dala-breakhis-40x"


def resolve(
    model: str | Path,
    *,
    revision: str | None = None,
    offline: bool = False,
    token: str | None = None,
    progress: Reporter | None = None,
) -> Path:
    """The bundle folder of a model, fetched from the Hub if that is where it is. What is here wins."""
    try:
        path = Path(model).expanduser()
        here = _in_folder(path) if path.exists() else None
    except (OSError, RuntimeError) as error:
        raise BundleError(f"cannot be read: {error}", where=str(model), hint=_WHAT) from error
    if here is not None and revision is not None:
        raise UsageError("a revision belongs to a Hub id; this is a folder here", where=str(model))
    if here is not None:
        return here
    if not _HUB_ID.fullmatch(str(model)):
        raise _nowhere(str(model), path)
    try:
        return pull(str(model), revision=revision, offline=offline, token=token, progress=progress)
    except HubError as error:
        near = _beside(path)
        hint = f"{error.hint or _WHAT}; there is no folder of that name here either" + (f": {near}" if near else "")
        raise type(error)(error.message, where=error.where, hint=hint) from error


def _in_folder(path: Path) -> Path:
    if is_bundle(path):
        return path
    if is_run(path):
        return _in_run(path)
    if not path.is_dir():
        raise BundleError("this is a file", where=str(path), hint=_WHAT)
    if any((path / name).is_file() for name in (CONFIG, WEIGHTS)):
        missing = WEIGHTS if (path / CONFIG).is_file() else CONFIG
        raise BundleError(f"this bundle lacks {missing}", where=str(path), hint="make or fetch it again")
    runs = sorted(str(folder) for folder in path.iterdir() if is_run(folder) or is_bundle(folder))
    if runs:
        raise BundleError("this folder holds several models", where=str(path), hint="name one: " + ", ".join(runs[:8]))
    raise BundleError("this folder is neither a run nor a bundle", where=str(path), hint=_WHAT)


def _in_run(path: Path) -> Path:
    run = Run.open(path)
    if is_bundle(run.bundle):
        return run.bundle
    status = run.record.status
    raise BundleError(
        f"this run has no bundle yet (its status: {status})",
        where=str(path),
        hint="a bundle is written when training ends: wait for it, or train again",
    )


def _nowhere(text: str, path: Path) -> BundleError:
    """Neither here nor a possible Hub id: what was probably meant."""
    from zoo.registry import registry

    catalog = registry().catalog
    if text in catalog.models:
        weights = catalog.models[text].weights
        published = f"published weights: {weights}; or " if weights else ""
        return BundleError(
            "this is an architecture's name, without weights", where=text, hint=f"{published}zoo train {text}"
        )
    near = _beside(path)
    return BundleError("there is no such folder, and this is no Hub id", where=text, hint=near or _WHAT)


def _beside(path: Path) -> str | None:
    """The folders beside a missing one that have a similar name."""
    if not path.parent.is_dir():
        return None
    names = [folder.name for folder in path.parent.iterdir() if is_run(folder) or is_bundle(folder)]
    guess = did_you_mean(path.name, names) if names else ""
    return guess if guess.startswith("did you mean") else None
