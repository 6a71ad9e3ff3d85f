"""Upload a bundle to the Hub."""

from __future__ import annotations

from pathlib import Path

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CONFIG, FILES, WEIGHTS
from zoo.bundle.weights_file import weights_are_intact
from zoo.errors import BundleError, HubError
from zoo.hub.commit import Remote, card_for, commit_operations, create_repository, find_repository
from zoo.hub.hub_errors import hub_errors, not_logged_in
from zoo.hub.send_commit import send_commit
from zoo.progress import Reporter, Silent
from zoo.version import __version__


def push(
    folder: Path,
    repo: str,
    *,
    private: bool = False,
    message: str | None = None,
    token: str | None = None,
    progress: Reporter | None = None,
) -> str:
    """Upload a bundle to the Hub in one commit and return the commit's URL.

    The folder is not changed. On the Hub the model card names the repository, unless the card was edited in the
    folder or on the Hub: an edited card is kept.

    Args:
        folder: The bundle.
        repo: The repository, such as `you/dala-breakhis-40x`. It is created if it does not exist.
        private: Create a private repository. An existing public one is then refused.
        message: The commit message.
        token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
        progress: Receives messages.
    """
    from huggingface_hub import HfApi, get_token

    entry = BundleConfig.read(folder).entry
    for name in FILES:
        bundle_file(folder, name)  # a link is refused before anything is created
    if not weights_are_intact(folder):
        raise BundleError(f"{WEIGHTS} is missing, or not the file that {CONFIG} describes", where=str(folder))
    card = card_for(folder, repo)
    with hub_errors(repo):
        api = HfApi(token=token or get_token(), library_name="histozoo", library_version=__version__)
    if not api.token:
        raise not_logged_in(repo)
    remote = find_repository(api, repo) or create_repository(api, repo, private=private)
    _check_privacy(remote, private=private)
    progress = progress or Silent()
    operations = commit_operations(api, remote, folder, card, progress=progress)
    commit = send_commit(
        api,
        repo,
        operations,
        message=message or f"{entry}, by histozoo {__version__}",
        parent=remote.commit,
        progress=progress,
    )
    return commit.url


def _check_privacy(remote: Remote, *, private: bool) -> None:
    """Refuse to push private weights to a public repository."""
    if private and not remote.private:
        raise HubError(
            "the repository already exists and is public",
            where=remote.repo,
            hint="choose another name, make it private in its settings, or push it without --private",
        )
