"""`zoo space push`, against a fake Hub on a real socket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

import zoo
from tests.demo.printed_address import printed_address
from tests.hub.fake_hub import UPLOAD_WARNING, Hub, hub
from zoo.bundle.bundle_files import FILES
from zoo.errors import BundleError, HubError, UsageError
from zoo.hub import push
from zoo.space import push_space
from zoo.version import __version__

__all__ = ["hub"]
SPACE = "ada/compare"
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    for name in ("drawn", "fresh"):
        zoo.create_model("resnet20", classes=("benign", "malignant")).save(folder / name)
    return {name: folder / name for name in ("drawn", "fresh")}


def files_of(hub: Hub) -> dict[str, bytes]:
    files = hub.repositories[f"spaces/{SPACE}"].head.files
    return {path: data for path, data in files.items() if path != ".gitattributes"}


def edit(hub: Hub, **texts: str) -> None:
    """Change files on the Hub, as a person does in the browser."""
    changes = {name.replace("_", "."): text.encode() for name, text in texts.items()}
    hub.repositories[f"spaces/{SPACE}"].commit("an edit", dict(changes))


def test_a_space_is_made_in_one_commit_with_the_bundles_of_local_models(hub: Hub, bundles: dict[str, Path]) -> None:
    pushed = push_space(SPACE, list(bundles.values()))
    repository = hub.repositories[f"spaces/{SPACE}"]
    assert len(repository.commits) == 2  # the Hub makes the first with the repository
    assert pushed.url == f"{hub.url}/spaces/{SPACE}"
    assert pushed.commit == f"{hub.url}/spaces/{SPACE}/commit/{repository.head.oid}"
    found = files_of(hub)
    assert pushed.files == {path: len(data) for path, data in found.items()}
    for name, folder in bundles.items():
        there = {path.name: data for path, data in _under(found, f"models/{name}").items()}
        assert there == {file.name: file.read_bytes() for file in folder.iterdir() if file.name in FILES}
    assert found["models.txt"].decode().splitlines()[1:] == ["models/drawn", "models/fresh"]
    assert f"histozoo=={__version__}" in found["requirements.txt"].decode().splitlines()


def _under(files: dict[str, bytes], folder: str) -> dict[Path, bytes]:
    return {Path(path): data for path, data in files.items() if path.startswith(f"{folder}/")}


def test_a_model_on_the_hub_is_shown_at_its_present_commit(hub: Hub, bundles: dict[str, Path]) -> None:
    push(bundles["drawn"], "ada/drawn")
    commit = hub.repositories["ada/drawn"].head.oid
    push_space(SPACE, ["ada/drawn", bundles["fresh"]])
    found = files_of(hub)
    assert found["models.txt"].decode().splitlines()[1:] == [f"ada/drawn@{commit}", "models/fresh"]
    assert "models/drawn/config.json" not in found
    front = yaml.safe_load(found["README.md"].decode().split("---\n")[1])
    assert front["models"] == ["ada/drawn"]


def test_two_models_of_one_name_and_names_that_are_no_paths_have_folders_of_their_own(
    hub: Hub, bundles: dict[str, Path], tmp_path: Path
) -> None:
    names = ("one/tile net", "two/tile net", "three/a b\n*")
    push_space(SPACE, [shutil.copytree(bundles["drawn"], tmp_path / name) for name in names])
    assert files_of(hub)["models.txt"].decode().splitlines()[1:] == [
        "models/tile-net",
        "models/tile-net-2",
        "models/a-b",
    ]


def test_an_update_keeps_what_people_changed_and_deletes_models_that_are_no_longer_shown(
    hub: Hub, bundles: dict[str, Path]
) -> None:
    push_space(SPACE, list(bundles.values()))
    files = files_of(hub)
    readme = files["README.md"].decode().replace("title: Compare histopathology models", "title: Ours")
    requirements = files["requirements.txt"].decode().replace(__version__, "0.0.1")
    edit(
        hub,
        README_md=readme.replace("sdk: gradio", "sdk: static"),
        requirements_txt=f"{requirements}zoo-my-gate==1.2\n",
        notes_txt="mine",
    )
    pushed = push_space(SPACE, [bundles["fresh"]], message="without drawn")
    found = files_of(hub)
    front = yaml.safe_load(found["README.md"].decode().split("---\n")[1])
    assert (front["title"], front["sdk"]) == ("Ours", "gradio")
    assert f"histozoo=={__version__}\n" in found["requirements.txt"].decode()
    assert "zoo-my-gate==1.2\n" in found["requirements.txt"].decode()
    assert found["notes.txt"] == b"mine"
    assert not _under(found, "models/drawn")
    assert "models/drawn/config.json" in pushed.deleted
    assert hub.repositories[f"spaces/{SPACE}"].head.message == "without drawn"


def test_the_text_of_a_person_is_kept_once_the_line_that_says_so_is_deleted(hub: Hub, bundles: dict[str, Path]) -> None:
    push_space(SPACE, [bundles["fresh"]])
    generated = files_of(hub)["README.md"].decode()
    edit(hub, README_md=generated.replace("What do these models see", "Hello. What do these models see"))
    push_space(SPACE, [bundles["fresh"]])
    assert files_of(hub)["README.md"].decode() == generated
    front = generated.split("---\n")[1]
    edit(hub, README_md=f"---\n{front}---\n\n# Ours\n")
    push_space(SPACE, [bundles["fresh"]])
    assert files_of(hub)["README.md"].decode().endswith("---\n\n# Ours\n")


def test_a_line_of_requirements_replaces_that_of_the_same_package(hub: Hub, bundles: dict[str, Path]) -> None:
    line = "histozoo @ git+https://example.org/histozoo"
    push_space(SPACE, [bundles["fresh"]], requirements=[line])
    lines = files_of(hub)["requirements.txt"].decode().splitlines()
    assert [one for one in lines if one.startswith("histozoo")] == [line]


def test_a_model_that_cannot_be_loaded_creates_no_space(hub: Hub, bundles: dict[str, Path], tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(bundles["fresh"], tmp_path / "damaged"))
    (damaged / "model.safetensors").write_bytes(b"no")
    with pytest.raises(BundleError):
        push_space(SPACE, [damaged])
    with pytest.raises(UsageError, match="at least one model"):
        push_space(SPACE, [])
    assert not hub.repositories


def test_a_public_space_is_not_updated_with_what_is_to_be_private(hub: Hub, bundles: dict[str, Path]) -> None:
    push_space(SPACE, [bundles["fresh"]])
    with pytest.raises(HubError, match="public"):
        push_space(SPACE, [bundles["fresh"]], private=True)
    push_space("ada/secret", [bundles["fresh"]], private=True)
    assert hub.repositories["spaces/ada/secret"].private


def test_a_space_that_changed_meanwhile_is_not_overwritten(hub: Hub, bundles: dict[str, Path]) -> None:
    push_space(SPACE, [bundles["fresh"]])
    before = files_of(hub)
    hub.fail("POST", "/commit/", 412, "A commit has happened since.")
    with pytest.raises(HubError, match="nothing was committed"):
        push_space(SPACE, [bundles["drawn"]])
    assert files_of(hub) == before


@pytest.mark.slow
def test_what_was_pushed_starts_as_a_space_in_an_environment_without_the_checkout(
    hub: Hub, bundles: dict[str, Path], wheel: Path, tmp_path: Path
) -> None:
    push(bundles["drawn"], "ada/drawn")
    push_space(SPACE, ["ada/drawn", bundles["fresh"]])
    app = tmp_path / "app"
    for path, data in files_of(hub).items():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).write_bytes(data)
    site, home = tmp_path / "site", tmp_path / "another-home"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", "import runpy, zoo; print(zoo.__file__); runpy.run_path('app.py', run_name='__main__')"],
        cwd=app,
        env={
            **os.environ,
            "PYTHONPATH": str(site),
            "GRADIO_SERVER_PORT": str(port),
            "SPACE_ID": SPACE,
            "HF_HOME": str(home),
            "HF_HUB_CACHE": str(home),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        printed, address = printed_address(process)
        config = httpx.get(f"{address}config", trust_env=False, timeout=30).text
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert printed.startswith(str(site)), "not the installed package"
    assert "ada/drawn" in config
    assert "fresh" in config
    assert str(tmp_path) not in config
