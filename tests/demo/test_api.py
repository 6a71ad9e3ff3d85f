from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageChops

import zoo

GUIDE = Path(zoo.__file__).resolve().parent.parent / "docs" / "demo.md"


@pytest.fixture(scope="session")
def client(server: Any) -> Client:
    return Client(server.address, verbose=False)


@pytest.fixture
def path(tile: Image.Image) -> str:
    tile.save("tile.png")
    return "tile.png"


def test_models_lists_what_can_be_asked(client: Client, bundles: dict[str, Path]) -> None:
    drawn, fresh = client.predict(api_name="/models")
    assert (drawn["name"], fresh["name"]) == ("drawn", "fresh")
    assert drawn["classes"] == ["benign", "malignant"]
    assert drawn["input_size"] == [64, 64]
    assert drawn["decision_threshold"] == 0.5
    assert (drawn["trained_on"], fresh["trained_on"]) == ("synthetic", "nothing")
    assert str(bundles["drawn"].parent) not in json.dumps([drawn, fresh])


def test_predict_returns_what_the_models_predict(client: Client, bundles: dict[str, Path], path: str) -> None:
    answer = client.predict(handle_file(path), api_name="/predict")
    assert (answer["width"], answer["height"], answer["only_first_page"]) == (200, 160, False)
    for found, name in zip(answer["predictions"], ("drawn", "fresh"), strict=True):
        expected = zoo.from_pretrained(bundles[name]).predict(path)
        assert found["model"] == name
        assert found["label"] == found["answer"] == expected.label
        assert found["probabilities"] == pytest.approx(expected.probabilities, abs=1e-12)
        assert found["novelty"] is None
        assert found["device"] == "CPU"


def test_compare_returns_the_heat_map_as_numbers_and_as_an_image(
    client: Client, bundles: dict[str, Path], path: str
) -> None:
    answer = client.predict(handle_file(path), ["fresh"], "dt-gradcam", "malignant", True, api_name="/compare")
    (found,) = answer["predictions"]
    expected = zoo.from_pretrained(bundles["fresh"]).explain(path, method="dt-gradcam", label="malignant")
    assert (found["model"], found["explained_class"]) == ("fresh", "malignant")
    assert found["heat_map"] == [[pytest.approx(value, abs=1e-4) for value in row] for row in expected.cells.tolist()]
    assert found["heat_map_box"] == [0, 0, 200, 160]
    overlay = Image.open(BytesIO(base64.b64decode(found["overlay"].partition(",")[2])))
    assert overlay.size == (200, 160)
    drawn, plain = (
        np.asarray(ImageChops.difference(overlay, one)).mean() for one in (expected.overlay(), expected.image)
    )
    assert drawn < 3 < plain, "the map is drawn as elsewhere; a JPEG differs a little"
    assert found["no_heat_map"] is None


def test_compare_draws_no_overlay_unless_it_is_asked_for(client: Client, path: str) -> None:
    answer = client.predict(handle_file(path), api_name="/compare")
    assert [found["overlay"] for found in answer["predictions"]] == [None, None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["drown"],), "unknown model 'drown'.*drawn"),
        (([],), "models is not a list of names"),
        (("drawn",), "models is not a list of names"),
        (([["drawn"]],), "unknown model"),
        ((None, "gradcam"), "unknown heat map method"),
        ((None, {"a": 1}), "unknown heat map method.*grad-cam"),
        ((None, None), "unknown heat map method"),
        ((None, "grad-cam", None, "yes"), "overlay is neither true nor false"),
        ((None, "grad-cam", "malignent"), "unknown class 'malignent'.*malignant"),
        ((None, "grad-cam", ["malignant"]), "unknown class"),
    ],
)
def test_a_wrong_argument_is_an_error_that_says_what_is_right(
    client: Client, path: str, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(AppError, match=re.compile(message, re.DOTALL)):
        client.predict(handle_file(path), *arguments, api_name="/compare")


@pytest.mark.parametrize("tile", [None, {"path": "/etc/passwd"}, {"url": "http://127.0.0.1:1/x"}, 3, "tile.png"])
def test_only_an_uploaded_tile_is_taken(client: Client, tile: Any) -> None:
    with pytest.raises((AppError, httpx.HTTPStatusError), match=r"no tile|not an uploaded file|400"):
        client.predict(tile, api_name="/predict")


def test_a_tile_that_is_not_an_image_is_an_error_with_its_name_only(client: Client) -> None:
    Path("notes.png").write_text("hello")
    with pytest.raises(AppError, match=r"^notes\.png: is not an image of a known format") as caught:
        client.predict(handle_file("notes.png"), api_name="/predict")
    assert "/tmp" not in str(caught.value)


def test_the_endpoints_document_their_parameters(client: Client) -> None:
    text = client.view_api(print_info=False, return_format="str")
    for name in ("/models", "/predict", "/compare"):
        assert name in str(text)
    info: Any = client.view_api(print_info=False, return_format="dict")
    parameters = {row["parameter_name"]: row for row in info["named_endpoints"]["/compare"]["parameters"]}
    assert list(parameters) == ["tile", "models", "method", "label", "overlay"]
    assert parameters["method"]["parameter_default"] == "grad-cam"
    assert [name for name, row in parameters.items() if not row["parameter_has_default"]] == ["tile"]


@pytest.mark.parametrize("language", ["python", "bash"])
def test_the_examples_in_the_guide_work(server: Any, path: str, language: str) -> None:
    (code,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    code = code.replace("http://127.0.0.1:7860", server.address.rstrip("/"))
    command = [sys.executable] if language == "python" else ["bash"]
    done = subprocess.run([*command, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    if language == "python":
        assert "\ndrawn ['benign', 'malignant']\n" in done.stdout
        assert done.stdout.rstrip().endswith("]]")
    else:
        event, data = done.stdout.strip().splitlines()
        assert event == "event: complete"
        (answer,) = json.loads(data.removeprefix("data: "))
        assert [found["model"] for found in answer["predictions"]] == ["drawn", "fresh"]
