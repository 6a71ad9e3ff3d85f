"""A third-party plugin with a small network that fails on request."""

from __future__ import annotations

from textwrap import dedent

from tests.installed_packages import Site

INIT = """
    from pathlib import Path

    import zoo
    from zoo.spec import Architecture, Option, Preprocessing

    OPTIONS = {
        "norm": Option(default="batch", help="its norms", choices=("batch", "none")),
        "fault": Option(
            default="none", help="how process 1 fails in its third step", choices=("none", "raise", "kill", "nan")
        ),
        "pause": Option(default=0.0, help="seconds added to each step"),
    }

    @zoo.hookimpl
    def zoo_register_models(register):
        size = Preprocessing(height=24, width=24)
        build = "zoo_fragile.model:build"
        register(Architecture(name="fragile", build=build, summary="fails", options=OPTIONS, preprocessing=size))

    @zoo.hookimpl
    def zoo_registry_files():
        return [Path(__file__).with_name("registry.yaml")]
"""
MODEL = """
    import os
    import signal
    import time

    from torch import nn


    class Fragile(nn.Module):
        def __init__(self, outputs, norm, fault, pause):
            super().__init__()
            norms = [nn.BatchNorm2d(8), nn.BatchNorm2d(12)] if norm == "batch" else [nn.Identity(), nn.Identity()]
            self.body = nn.Sequential(
                nn.Conv2d(3, 8, 3, 2, 1, bias=norm == "none"), norms[0], nn.ReLU(),
                nn.Conv2d(8, 12, 1, 1, 0, bias=norm == "none"), norms[1], nn.ReLU(),
            )
            self.head = nn.Linear(12, outputs)
            self.fault, self.pause, self.calls = fault, pause, 0

        def forward(self, x):
            self.calls += self.training
            time.sleep(self.pause * self.training)
            if self.training and self.calls == 3 and os.environ.get("RANK") == "1":
                if self.fault == "raise":
                    raise ValueError("the plugin failed")
                if self.fault == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if self.fault == "nan":
                    x = x * float("nan")
            return self.head(self.body(x).mean((2, 3)))


    def build(num_outputs, norm="batch", fault="none", pause=0.0):
        return Fragile(num_outputs, norm, fault, pause)
"""


def install_failing_plugin(site: Site) -> None:
    """Install the plugin in a folder of packages."""
    row = "models:\n  fragile: {architecture: fragile, recipe: modern}\n"
    site.install("zoo-fragile", INIT, registry=row)
    (site.folder / "zoo_fragile" / "model.py").write_text(dedent(MODEL), encoding="utf-8")
