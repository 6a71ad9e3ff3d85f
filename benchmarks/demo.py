"""The demo: how long until it listens, until its page is usable, until the first result; and what a comparison costs.

python benchmarks/demo.py [--models dala,resnet50,densenet121] [--rounds 3]

Start: `zoo demo` in a new process, with untrained networks that were saved before, and Chromium (Playwright) on the
same machine. Every page is opened in a new window without a cache. Comparison: `show_results`, which decodes the tile,
runs the models with heat maps and writes the page's HTML, against bare passes of the same networks over a ready tensor:
the forward pass with the backward pass to the features, which the heat map needs, and for comparison one with the
gradients of all parameters. All run one after the other in each round, so that other work on the machine slows all.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch
from demo_server import FLAGS, chromium_path, served
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

import zoo
from zoo.classifier import Classifier
from zoo.cores import usable_cores
from zoo.registry import registry
from zoo.synthetic import draw_tile, patients
from zoo_demo.analyzer import Analyzer
from zoo_demo.examples import draw_examples
from zoo_demo.handlers import Handlers
from zoo_demo.models import load_models
from zoo_demo.uploads import upload_folder

TILE = (700, 460)
"""The size of a BreakHis image."""
expect.set_options(timeout=120_000)


@dataclass(frozen=True)
class Start:
    """Seconds of one start, from the start of the process."""

    listening: float
    usable: float
    result: float
    cpu_listening: float
    """The processor time of the server; on a quiet machine it waits for little else."""
    cpu_result: float


def save_models(names: Sequence[str], folder: Path) -> list[str]:
    """Save untrained networks as bundles and return their folders."""
    return [str(zoo.create_model(name, classes=("benign", "malignant")).save(folder / name)) for name in names]


def wait_until_usable(page: Page, address: str) -> None:
    """Open the page and wait until a tile can be chosen."""
    page.goto(address, wait_until="commit")
    expect(page.locator("#tile input[type=file]")).to_be_attached()
    expect(page.locator("#examples button").first).to_be_visible()
    expect(page.locator("#results .zoo-note")).to_be_visible()


def choose_example(page: Page, models: int) -> None:
    """Choose an example tile and wait for the cards of all models."""
    page.locator("#examples button").last.click()
    expect(page.locator(".zoo-card[data-name]")).to_have_count(models)


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(models: Sequence[str], browser: Browser) -> tuple[Start, list[float], list[float]]:
    """Start the command; return its times, and those of later visits: until usable, and from a click to the cards."""
    began = time.perf_counter()
    with served(models) as (address, process):
        listening, cpu_listening = time.perf_counter() - began, processor_seconds(process)
        page = browser.new_page()
        wait_until_usable(page, address)
        usable = time.perf_counter() - began
        choose_example(page, len(models))
        result, cpu_result = time.perf_counter() - began, processor_seconds(process)
        first = Start(listening, usable, result, cpu_listening, cpu_result)
        page.close()
        visits = [visit(browser, address, len(models)) for _ in range(3)]
    return first, [one[0] for one in visits], [one[1] for one in visits]


def visit(browser: Browser, address: str, models: int) -> tuple[float, float]:
    """Return the seconds until the page is usable in a new window, and from the click on an example to the cards."""
    context = browser.new_context()
    page = context.new_page()
    began = time.perf_counter()
    wait_until_usable(page, address)
    usable = time.perf_counter() - began
    began = time.perf_counter()
    choose_example(page, models)
    result = time.perf_counter() - began
    context.close()
    return usable, result


def bare_pass(classifier: Classifier, tile: Image.Image) -> Callable[[], None]:
    """Return a forward pass, and the backward pass from the first output to the features of the heat map."""
    network, x, layer = classifier.network.eval(), classifier.preprocess(tile), _layer(classifier)

    def run() -> None:
        features: list[torch.Tensor] = []

        def capture(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
            features.append(output.detach().requires_grad_())
            return features[0].clone()

        hook = layer.register_forward_hook(capture)
        torch.autograd.grad(network(x)[:, 0].sum(), features[0])
        hook.remove()

    return run


def training_pass(classifier: Classifier, tile: Image.Image) -> Callable[[], None]:
    """Return a forward and a backward pass with the gradients of all parameters."""
    network, x = classifier.network.eval(), classifier.preprocess(tile)
    parameters = list(network.parameters())

    def run() -> None:
        torch.autograd.grad(network(x)[:, 0].sum(), parameters, allow_unused=True)

    return run


def _layer(classifier: Classifier) -> torch.nn.Module:
    config = classifier.config
    layer = registry().heat_map(config.entry, config.architecture).layer
    assert layer is not None
    return classifier.network.get_submodule(layer)


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def comparison(folders: Sequence[str], rounds: int) -> list[list[float]]:
    """Return for each round the seconds of the bare passes, of those of a training step, and of a comparison."""
    models = load_models(folders, device=torch.device("cpu"))
    names = [model.name for model in models]
    tile = Image.fromarray(draw_tile(patients(1)[0], 0, seed=1)).resize(TILE, Image.Resampling.BICUBIC)
    bare = [bare_pass(model.classifier, tile) for model in models]
    full = [training_pass(model.classifier, tile) for model in models]
    with upload_folder() as uploads:
        handlers = Handlers(Analyzer(models), draw_examples(), uploads=uploads)
        tile.save(path := uploads.folder / "tile.png")
        sent = {"path": str(path)}
        works: tuple[Callable[[], object], ...] = (
            lambda: [work() for work in bare],
            lambda: [work() for work in full],
            lambda: handlers.show_results(sent, names, "grad-cam", None),
        )
        assert handlers.show_results(sent, names, "grad-cam", None).count("<img src=") == len(names)
        for work in works:
            work()
        return [[seconds(work) for work in works] for _ in range(rounds)]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="dala,resnet50,densenet121")
    parser.add_argument("--rounds", type=int, default=3, help="Starts of the command.")
    parser.add_argument("--comparisons", type=int, default=15, help="Rounds of comparisons.")
    given = parser.parse_args()
    names = given.models.split(",")
    with TemporaryDirectory() as folder:
        folders = save_models(names, Path(folder))
        print(f"{', '.join(names)}, {usable_cores()} cores")
        if given.comparisons:
            print_comparison(comparison(folders, given.comparisons), names)
        if given.rounds:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
                print_starts([start(folders, browser) for _ in range(given.rounds)])
                browser.close()


def print_starts(found: Sequence[tuple[Start, list[float], list[float]]]) -> None:
    """Print the medians, and the least of each in brackets."""
    rows = {
        "start of the command until it listens": [one.listening for one, _, _ in found],
        "  until the first page is usable": [one.usable for one, _, _ in found],
        "  until the first result, from the start": [one.result for one, _, _ in found],
        "processor time of the server until it listens": [one.cpu_listening for one, _, _ in found],
        "  until the first result": [one.cpu_result for one, _, _ in found],
        "later visit: request until usable": [value for _, usable, _ in found for value in usable],
        "later visit: click until the result": [value for _, _, result in found for value in result],
    }
    print(f"{'seconds':48}{'median':>8}{'least':>8}  of")
    for name, values in rows.items():
        print(f"{name:48}{median(values):8.2f}{min(values):8.2f}  {len(values)}")


def print_comparison(rounds: list[list[float]], names: Sequence[str]) -> None:
    """Print the medians over the rounds, and the ratios within each round."""
    columns = list(zip(*rounds, strict=True))
    titles = (
        "bare forward, backward to the features",
        "bare forward, backward to all parameters",
        f"comparison of {len(names)} models with heat maps",
    )
    print(f"{'milliseconds':42}{'median':>8}{'least':>8}  of {len(rounds)} rounds")
    for title, values in zip(titles, columns, strict=True):
        print(f"{title:42}{median(values) * 1000:8.0f}{min(values) * 1000:8.0f}")
    for title, column in (("the first", 0), ("the second", 1)):
        ratios = [row[2] / row[column] for row in rounds]
        print(f"comparison / {title:29}{median(ratios):8.2f}{min(columns[2]) / min(columns[column]):8.2f}")


if __name__ == "__main__":
    main()
