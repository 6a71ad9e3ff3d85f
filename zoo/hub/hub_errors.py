"""Errors of the Hub's client, converted to errors that users can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zoo.errors import HubError

_TOKENS = "https://huggingface.co/settings/tokens"


class UnreachableError(HubError):
    """The Hub did not answer, or answered with a server error. A copy downloaded earlier can be used."""


@contextmanager
def hub_errors(repo: str, *, revision: str | None = None) -> Iterator[None]:
    """Raise any error of the client in this block as a HubError about `repo`. Keep the block short."""
    # releases of the client use different HTTP libraries; this is the base error of each
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    try:
        yield
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        raise _as_hub_error(_original_error(error), repo, revision) from error


def not_logged_in(repo: str) -> HubError:
    """Return the error for a push without a token."""
    return HubError(
        "not logged in to the Hub",
        where=repo,
        hint=f"run hf auth login, or set HF_TOKEN to a token with write access: {_TOKENS}",
    )


def _original_error(error: BaseException) -> BaseException:
    """Return the Hub's own error: during a transfer, the client wraps it in another one."""
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    wrapped = isinstance(error, RuntimeError | OSError) and not isinstance(error, HTTPError)
    return _original_error(error.__cause__) if wrapped and error.__cause__ is not None else error


def _as_hub_error(error: BaseException, repo: str, revision: str | None) -> HubError:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return HubError(
            "this repository is gated: access must be requested",
            where=repo,
            hint=f"request access at {_page(repo)}, then run hf auth login",
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return HubError(
            "the Hub has no such repository, or it is private",
            where=repo,
            hint="check the name; a private repository needs a token with read access: run hf auth login",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return HubError(
            f"the repository has no revision {revision!r}",
            where=repo,
            hint=f"see its branches and tags at {_page(repo)}/tree/main",
        )
    if isinstance(error, errors.HFValidationError):
        return HubError("not a valid repository name", where=repo, hint="a name looks like you/dala-breakhis-40x")
    if isinstance(error, errors.HfHubHTTPError):
        return _status_error(error.response.status_code, error.server_message or "no reason given", repo)
    return _transfer_error(error, repo)


def _status_error(status: int, reason: str, repo: str) -> HubError:
    if status >= 500:
        return UnreachableError(
            f"the Hub returned a server error (status {status})",
            where=repo,
            hint="try again later; see https://status.huggingface.co",
        )
    if status in (409, 412):
        return HubError(
            "the repository was changed during the push; nothing was uploaded",
            where=repo,
            hint=f"see {_page(repo)}/commits/main, then push again",
        )
    problem, hint = {
        401: ("the Hub rejected the token", f"run hf auth login with a valid token: {_TOKENS}"),
        402: (f"the Hub requires payment: {reason}", "https://huggingface.co/settings/billing"),
        403: (
            f"the Hub denied access: {reason}",
            f"the token must have access to this repository ({_TOKENS}), and the account enough storage",
        ),
        413: (f"too large for the Hub: {reason}", "https://huggingface.co/docs/hub/storage-limits"),
        429: (
            "too many requests to the Hub",
            "wait a few minutes, then try again; logging in (hf auth login) raises the limit",
        ),
    }.get(status, (f"the Hub refused the request (status {status}): {reason}", "--debug shows the full response"))
    return HubError(problem, where=repo, hint=hint)


def _transfer_error(error: BaseException, repo: str) -> HubError:
    """Return the error for a failure before the Hub answered, or during a transfer."""
    from huggingface_hub import constants
    from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled  # type: ignore[attr-defined]

    if isinstance(error, OfflineModeIsEnabled):
        return UnreachableError("HF_HUB_OFFLINE is set", where=repo, hint="unset it to reach the Hub")
    if isinstance(error, HTTPError | ConnectionError):
        return UnreachableError(
            f"{constants.ENDPOINT} {_connection_problem(error)} ({_first_line(error)})",
            where=repo,
            hint="check the network and the proxy, then try again",
        )
    if isinstance(error, OSError) and error.strerror is not None:
        return HubError(f"cannot be saved to the cache: {error}", where=repo, hint="set HF_HOME to use another disk")
    return HubError(
        f"the transfer failed: {_first_line(error)}", where=repo, hint="try again; --debug shows the full error"
    )


def _connection_problem(error: BaseException) -> str:
    """Describe a network error by the name of its class, which is alike in both HTTP libraries."""
    name = type(error).__name__
    if "Timeout" in name:
        return "does not respond"
    return "cannot be reached" if "Connect" in name else "closed the connection"


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or the error's name if the message is empty."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _page(repo: str) -> str:
    """Return the URL of a repository."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{repo}"
