"""Errors of the Hub's client, converted to errors that users can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zoo.errors import HubError
from zoo.hub.wait_time import wait_time
from zoo.hub.watched_client import Requests, UnreachableError, origin, silence_error, unanswered, watched_requests

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

_MALFORMED = re.compile("improperly formatted|Malformed response|Invalid server response")
"""What the client says of an answer that it cannot use."""
_TOKENS = "https://huggingface.co/settings/tokens"


class ChangedError(HubError):
    """Somebody else has changed the repository since it was read."""


@contextmanager
def hub_errors(repo: str, *, revision: str | None = None) -> Iterator[Requests]:
    """Watch the requests in this block, and raise any error of the client as a HubError about `repo`.

    Keep the block short: what its code raises is taken for an error of the client.
    """
    # releases of the client use different HTTP libraries; this is the base error of each
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    with watched_requests() as requests:
        try:
            yield requests
        except HubError as error:
            raise _about(error, repo, requests) from error
        except (HTTPError, OSError, ValueError, RuntimeError) as error:
            raise _as_hub_error(_original_error(error), repo, revision, requests) from error
        except (LookupError, TypeError, AttributeError) as error:
            raise _not_understood(error, repo, requests) from error


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

    wrapped = isinstance(error, RuntimeError | OSError) or "the above error" in str(error)
    wrapped = wrapped and not isinstance(error, HTTPError)
    return _original_error(error.__cause__) if wrapped and error.__cause__ is not None else error


def _about(error: HubError, repo: str, requests: Requests) -> HubError:
    """Return an error of the watched client with the repository that it is about, and with the state of a push."""
    if error.where is not None:
        return error
    told = requests.when and requests.when in error.message
    message = error.message if told else unanswered(error.message, requests)
    return type(error)(message, where=repo, hint=error.hint)


def _as_hub_error(error: BaseException, repo: str, revision: str | None, requests: Requests) -> HubError:
    from huggingface_hub import errors

    if isinstance(error, HubError):
        return _about(error, repo, requests)
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
        return _status_error(error, repo, requests)
    return _transfer_error(error, repo, requests)


def _status_error(error: HfHubHTTPError, repo: str, requests: Requests) -> HubError:
    status, reason = error.response.status_code, error.server_message or "no reason given"
    wait = wait_time(error.response.headers)
    if status >= 500:
        return UnreachableError(
            unanswered(f"the Hub returned a server error (status {status})", requests) + wait,
            where=repo,
            hint="try again later; see https://status.huggingface.co",
        )
    if status in (409, 412):
        return ChangedError(
            "the repository was changed during the push; nothing was committed",
            where=repo,
            hint=f"see {_page(repo)}/commits/main, then push again",
        )
    problem, hint = {
        401: (
            "the Hub rejected the token: it is wrong or has expired",
            f"run hf auth login with a valid token ({_TOKENS}); for a public model, hf auth logout is enough",
        ),
        402: (f"the Hub requires payment: {reason}", "https://huggingface.co/settings/billing"),
        403: (
            f"the Hub denied access: {reason}",
            f"the token must have access to this repository ({_TOKENS}), and the account enough storage",
        ),
        413: (f"too large for the Hub: {reason}", "https://huggingface.co/docs/hub/storage-limits"),
    }.get(status, (f"the Hub refused the request (status {status}): {reason}", "--debug shows the full response"))
    return HubError(problem, where=repo, hint=hint)


def _transfer_error(error: BaseException, repo: str, requests: Requests) -> HubError:
    """Return the error for a failure before the Hub answered, or during a transfer."""
    from huggingface_hub import constants
    from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled  # type: ignore[attr-defined]

    if isinstance(error, OfflineModeIsEnabled):
        return UnreachableError("HF_HUB_OFFLINE is set", where=repo, hint="unset it to reach the Hub")
    if isinstance(error, ConnectionError) and not isinstance(error, HTTPError):  # that of xet, which is no HTTP library
        problem = f"the storage of large files cannot be reached ({_first_line(error)})"
        return UnreachableError(
            unanswered(problem, requests, when="during the upload"),
            where=repo,
            hint="check the network and the proxy, then try again; HF_HUB_DISABLE_XET=1 sends files in another way",
        )
    if isinstance(error, HTTPError):
        request = getattr(error, "_request", None)
        server = constants.ENDPOINT if request is None else origin(request)
        if "Timeout" in type(error).__name__:
            return _about(silence_error(server, _seconds(request, requests), requests), repo, requests)
        return UnreachableError(
            unanswered(f"{server} {_connection_problem(error)} ({_first_line(error)})", requests),
            where=repo,
            hint="check the network and the proxy, then try again",
        )
    if isinstance(error, OSError) and error.strerror is not None:
        return HubError(
            f"cannot be saved to the cache: {error}",
            where=repo,
            hint="free some disk space if the disk is full, or set HF_HOME to use another disk",
        )
    if isinstance(error, ValueError) and ("JSON" in type(error).__name__ or _MALFORMED.search(str(error))):
        return _not_understood(error, repo, requests)
    return HubError(
        unanswered(f"the transfer failed: {_first_line(error)}", requests),
        where=repo,
        hint="try again; --debug shows the full error",
    )


def _not_understood(error: BaseException, repo: str, requests: Requests) -> UnreachableError:
    """Return the error for an answer that lacks what the client looks for."""
    return UnreachableError(
        unanswered(f"the answer is not one of the Hub ({type(error).__name__}: {_first_line(error)})", requests),
        where=repo,
        hint="check HF_ENDPOINT, the network and the proxy, then try again; --debug shows the full error",
    )


def _seconds(request: Any, requests: Requests) -> float:
    """Return how long a request that timed out was allowed to be silent."""
    limits = {} if request is None else request.extensions.get("timeout", {})
    return float(limits.get("read") or requests.limit)


def _connection_problem(error: BaseException) -> str:
    """Describe a network error by the name of its class, which is alike in both HTTP libraries."""
    name = type(error).__name__
    if "Redirect" in name:
        return "redirects in a circle"
    return "cannot be reached" if "Connect" in name else "closed the connection"


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or the error's name if the message is empty."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _page(repo: str) -> str:
    """Return the URL of a repository."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{repo}"
