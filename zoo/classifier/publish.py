"""Publish a trained model on the Hub, by the names that users give it."""

from __future__ import annotations

from pathlib import Path

from zoo.classifier.resolve import resolve
from zoo.hub import push as push_bundle
from zoo.progress import Reporter, reporter_for
from zoo.runs import Run


def push(
    model: str | Path | Run,
    repo: str,
    *,
    private: bool = False,
    revision: str | None = None,
    tag: str | None = None,
    create_pr: bool = False,
    license: str | None = None,  # noqa: A002
    new_card: bool = False,
    message: str | None = None,
    token: str | None = None,
    progress: Reporter | bool = True,
) -> str:
    """Publish a trained model on the Hugging Face Hub, with its model card, in one commit; return the commit's URL.

    The card's results and metadata are always those of this model; what you wrote around them on the Hub is kept.

    Args:
        model: A run, or the folder of a run or of a bundle.
        repo: The repository, such as `you/dala-breakhis-40x`. It is created if it does not exist.
        private: Create a private repository. An existing public one is then refused.
        revision: The branch, which is created if it does not exist; by default the main branch.
        tag: A name for this version, which never moves: `from_pretrained(repo, revision=tag)` always loads it.
        create_pr: Open a pull request instead, in someone else's repository, and return its URL.
        license: The Hub's name of the license of the model, such as `apache-2.0`.
        new_card: Rewrite the whole card, without what you wrote in it.
        message: The commit message.
        token: The access token; by default the one of `hf auth login` or `HF_TOKEN`.
        progress: Show messages in a terminal or a notebook; False for none, or a reporter of your own.

    Examples:
        >>> zoo.push("runs/dala-breakhis-1", "you/dala-breakhis-40x", private=True)
        'https://huggingface.co/you/dala-breakhis-40x/commit/...'
    """
    return push_bundle(
        resolve(model),
        repo,
        private=private,
        revision=revision,
        tag=tag,
        create_pr=create_pr,
        license=license,
        new_card=new_card,
        message=message,
        token=token,
        progress=reporter_for(progress),
    )
