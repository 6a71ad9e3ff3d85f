"""What the Hub's client raises, told as errors a user can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zoo.errors import HubError

_TOKENS = "https://huggingface.co/settings/tokens"


class UnreachableError(HubError):
    """The Hub gave no answer, or is out of order: a copy fetched earlier may do."""


@contextmanager
def hub_errors(repo: str, *, revision: str | None = None) -> Iterator[None]:
    """Whatever the client raises in this block becomes a HubError about `repo`. Keep the block tight."""
    # the name of the HTTP library changed between releases; its base error is found here under both
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    try:
        yield
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        raise _as_hub_error(_answer(error), repo, revision) from error


def not_logged_in(repo: str) -> HubError:
    """Nobody is logged in, where somebody must be."""
    return HubError(
        "not logged in to the Hub",
        where=repo,
        hint=f"hf auth login, or set HF_TOKEN to a token that may write: {_TOKENS}",
    )


def _answer(error: BaseException) -> BaseException:
    """What lies beneath: while the client moves a file, it wraps the Hub's answer in an error of its own."""
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    wrapped = isinstance(error, RuntimeError | OSError) and not isinstance(error, HTTPError)
    return _answer(error.__cause__) if wrapped and error.__cause__ is not None else error


def _as_hub_error(error: BaseException, repo: str, revision: str | None) -> HubError:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return HubError(
            "access to this repository has to be asked for",
            where=repo,
            hint=f"ask at {_page(repo)}, then hf auth login",
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return HubError(
            "the Hub has no such repository, or it is private",
            where=repo,
            hint="check the name; a private one needs a token that may read it: hf auth login",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return HubError(
            f"the repository has no revision {revision!r}",
            where=repo,
            hint=f"branches and tags are listed at {_page(repo)}/tree/main",
        )
    if isinstance(error, errors.HFValidationError):
        return HubError("this is not a name the Hub allows", where=repo, hint="a name looks like you/dala-breakhis-40x")
    if isinstance(error, errors.HfHubHTTPError):
        return _refused(error.response.status_code, error.server_message or "it gave no reason", repo)
    return _broken(error, repo)


def _refused(status: int, said: str, repo: str) -> HubError:
    if status >= 500:
        return UnreachableError(
            f"the Hub has a fault of its own (status {status})",
            where=repo,
            hint="try again later; https://status.huggingface.co says how it is",
        )
    if status in (409, 412):
        return HubError(
            "somebody changed the repository in the meantime; nothing was uploaded",
            where=repo,
            hint=f"look at {_page(repo)}/commits/main, then push again",
        )
    problem, hint = {
        401: ("the Hub does not accept the token", f"hf auth login with a valid one: {_TOKENS}"),
        402: (f"the Hub asks for payment: {said}", "https://huggingface.co/settings/billing"),
        403: (
            f"the Hub does not allow this: {said}",
            f"the token needs the right to this repository ({_TOKENS}), and the account enough space",
        ),
        413: (f"too large for the Hub: {said}", "https://huggingface.co/docs/hub/storage-limits"),
        429: (
            "too many requests to the Hub",
            "wait some minutes, then try again; hf auth login raises the limit",
        ),
    }.get(status, (f"the Hub refused (status {status}): {said}", "--debug shows the whole answer"))
    return HubError(problem, where=repo, hint=hint)


def _broken(error: BaseException, repo: str) -> HubError:
    """What went wrong before the Hub gave an answer, or while a file was under way."""
    from huggingface_hub import constants
    from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled  # type: ignore[attr-defined]

    if isinstance(error, OfflineModeIsEnabled):
        return UnreachableError("HF_HUB_OFFLINE is set", where=repo, hint="unset it to reach the Hub")
    if isinstance(error, HTTPError | ConnectionError):
        return UnreachableError(
            f"{constants.ENDPOINT} {_trouble(error)} ({_brief(error)})",
            where=repo,
            hint="check the network and the proxy, then try again",
        )
    if isinstance(error, OSError) and error.strerror is not None:
        return HubError(f"cannot be stored: {error}", where=repo, hint="HF_HOME moves the cache to another disk")
    return HubError(f"the transfer failed: {_brief(error)}", where=repo, hint="try again; --debug shows all of it")


def _trouble(error: BaseException) -> str:
    """In words, as the names are those of two HTTP libraries."""
    name = type(error).__name__
    if "Timeout" in name:
        return "does not answer"
    return "cannot be reached" if "Connect" in name else "broke the connection off"


def _brief(error: BaseException) -> str:
    """The first line of a message, or the error's name where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _page(repo: str) -> str:
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{repo}"
