"""From MODEL, as users name it, to its bundle: MODEL is a run folder, a bundle folder or a Hub id."""

from __future__ import annotations

from pathlib import Path

from zoo.bundle.bundle_files import CONFIG, WEIGHTS, is_bundle
from zoo.errors import BundleError, HubError, UsageError, similar_name
from zoo.hub.download_options import DownloadOptions
from zoo.hub.hub_cache import find_bundle
from zoo.hub.hub_name import hub_name, read_hub_name
from zoo.progress import Reporter, Silent
from zoo.runs import Run, is_run
from zoo.text import cut_short

_MODEL = "a model is a run folder, a bundle folder, or a Hub id such as you/dala-breakhis-40x"


def resolve(
    model: str | Path | Run, options: DownloadOptions | None = None, *, progress: Reporter | None = None
) -> Path:
    """Return the bundle folder of a model, downloaded if it is on the Hub. An existing folder takes precedence.

    Args:
        model: A run, a run folder, a bundle folder, or a model on the Hub: its id, its id with `@` and a revision, or
            its address.
        options: How a model on the Hub is downloaded.
        progress: Receives messages.
    """
    options = options or DownloadOptions()
    try:
        path = Path(model).expanduser()
        local = _in_folder(path) if path.exists() else None
    except (OSError, RuntimeError) as error:
        raise BundleError(f"cannot be read: {error}", where=str(model), hint=_MODEL) from error
    if local is not None and options.revision is not None:
        raise UsageError("a local folder has no revisions", where=str(model), hint="leave out the revision")
    if local is not None:
        return local
    name = hub_name(str(model), revision=options.revision)
    if name is None:
        raise _not_found(str(model), path)
    try:
        return find_bundle(name.repo, options.at(name.revision), progress=progress or Silent())
    except HubError as error:
        similar = _similar_name(path)
        missing = "there is no local folder of that name" + (f" ({similar})" if similar else "")
        message, hint = error.message, error.hint or _MODEL
        if path.parent.is_dir():  # such as runs/: a local folder was probably meant
            raise type(error)(f"{missing}; on the Hub: {message}", where=error.where, hint=hint) from error
        raise type(error)(message, where=error.where, hint=f"{hint}; {missing}") from error


def is_hub_id(text: str) -> bool:
    """Return whether a text can name a model on the Hub: its id, with or without a revision, or its address."""
    return read_hub_name(text) is not None


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
    if "://" in text:
        return BundleError(
            "this is not the address of a model on the Hub",
            where=text,
            hint="such an address looks like https://huggingface.co/you/dala-breakhis-40x",
        )
    return BundleError(
        "there is no such folder, and this is not a Hub id", where=text, hint=_similar_name(path) or _MODEL
    )


def _similar_name(path: Path) -> str | None:
    """Return "did you mean …?" with the runs and bundles in the same folder; None if no name is similar."""
    if not path.parent.is_dir():
        return None
    names = [folder.name for folder in path.parent.iterdir() if is_run(folder) or is_bundle(folder)]
    return similar_name(path.name, names)
