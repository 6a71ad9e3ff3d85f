"""All checks of an export format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from zoo.bundle.bundle_config import BundleConfig, PluginPackage
from zoo.calibration import Calibration
from zoo.classifier import Classifier
from zoo.classifier.golden_outputs import Golden
from zoo.errors import PluginError, look_up
from zoo.exporting.checked_file import write_checked
from zoo.exporting.exporters import require_packages
from zoo.nn import SmallResNet
from zoo.progress import Silent
from zoo.registry import registry
from zoo.spec import Exporter, Head, Preprocessing
from zoo.testing.declaration_checks import check_light
from zoo.testing.outcomes import Outcome, raise_failures, run_checks
from zoo.testing.side_effects import recorded_side_effects

HEIGHT, WIDTH = 16, 12
CLASSES = ("benign", 'mali"gn\\nant 癌', "neither")
TEMPERATURE = 1.7


@dataclass(frozen=True)
class ExporterCase:
    """The export format under test."""

    exporter: Exporter
    plugin: str
    """The name of the plugin that registers it."""

    def classifier(self, head: Head) -> Classifier:
        """Return a classifier with fresh weights: three classes, or two with a single output."""
        torch.manual_seed(0)
        config = BundleConfig(
            entry="small-network",
            architecture="none",
            plugin=PluginPackage(name="none", distribution="none", version="0"),
            options={},
            head=head,
            classes=CLASSES if head == "softmax" else CLASSES[:2],
            preprocessing=Preprocessing(height=HEIGHT, width=WIDTH),
        )
        classifier = Classifier(SmallResNet(3 if head == "softmax" else 1, depth=8), config).eval()
        classifier.calibration = Calibration(images=2, temperature=TEMPERATURE, reason=None)
        return classifier

    @torch.no_grad()
    def written(self, head: Head, folder: Path) -> Classifier:
        """Export a classifier into a folder; an error says how the file differs from it."""
        classifier = self.classifier(head)
        images = torch.randn(2, 3, HEIGHT, WIDTH)
        golden = Golden(input=images, logits=classifier(images))
        path = folder / f"model{self.exporter.suffix}"
        write_checked(self.exporter, classifier, golden, path, path=path, progress=Silent())
        return classifier


def registers_without_torch(case: ExporterCase) -> None:
    """Registering the plugin imports neither torch nor another slow library."""
    check_light(case.plugin)


def gives_what_the_model_gives(case: ExporterCase) -> None:
    """A file gives the logits and probabilities of its model for 1, 2 and 7 images, with several outputs or one."""
    require_packages(case.exporter)
    for head in ("softmax", "sigmoid"):
        with TemporaryDirectory() as folder:
            case.written(head, Path(folder))


def writes_one_file(case: ExporterCase) -> None:
    """One file is written, nothing is printed, and no setting, generator or weight is changed."""
    require_packages(case.exporter)
    before = case.classifier("softmax").state_dict()
    with TemporaryDirectory() as folder:
        with recorded_side_effects() as effects:
            after = case.written("softmax", Path(folder)).state_dict()
        found = sorted(path.name for path in Path(folder).iterdir())
    if effects.found:
        raise PluginError(
            f"{case.exporter.write} {'; '.join(effects.found)}", hint="leave the process as it is, and print nothing"
        )
    if len(found) > 1:
        raise PluginError(
            f"{case.exporter.write} writes {', '.join(found)}", hint="a model must be one file, which can be moved"
        )
    if any(not torch.equal(before[name], after[name]) for name in before):
        raise PluginError(f"{case.exporter.write} changes the weights of the network", hint="work on a copy")


CHECKS: tuple[Callable[[ExporterCase], None], ...] = (
    registers_without_torch,
    gives_what_the_model_gives,
    writes_one_file,
)


def exporter_outcomes(name: str) -> Iterator[Outcome]:
    """Run every check on an export format, and yield its outcome.

    Args:
        name: The format's name.
    """
    exporter = look_up("format", name, registry().plugins.exporters)
    case = ExporterCase(exporter, registry().plugins.owner(name, "exporters").name)
    return run_checks(CHECKS, case, package=case.exporter.write)


def check_exporter(name: str) -> None:
    """Raise an error unless an export format passes every check. Call it in a test of your own package.

    Args:
        name: The format's name.

    Examples:
        >>> def test_my_format_passes_all_checks_of_the_zoo():
        ...     check_exporter("my_format")
    """
    raise_failures(name, exporter_outcomes(name))
