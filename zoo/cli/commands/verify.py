"""`zoo verify`: check the code of a model, or the files of a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from click.shell_completion import CompletionItem

from zoo.cli.completion import complete_model, complete_trained_model
from zoo.cli.config_options import given_options
from zoo.cli.output.printed_verdict import print_verdict, verdict_document
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import json_option, revision_option
from zoo.progress import command_reporter

if TYPE_CHECKING:
    from zoo.classifier.golden_outputs import VerifiedPrecision
    from zoo.classifier.verdict import BundleCheck
    from zoo.testing import Outcome

FOR_CODE, FOR_TRAINED = ("height", "width"), ("device", "precision", "with_code")
"""Options for the name of a model alone, and for a trained model alone."""


def complete_any_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a model, or the path of a trained one."""
    return [*complete_trained_model(ctx, param, incomplete), *complete_model(ctx, param, incomplete)]


@click.command("verify")
@click.argument("model", shell_complete=complete_any_model)
@click.option("--height", type=int, help="Input height for the checks, in pixels; small images save time.")
@click.option("--width", type=int, help="Input width for the checks, in pixels.")
@click.option("--device", default="cpu", show_default=True, help="Where to compute the outputs of a trained model.")
@click.option(
    "--precision",
    type=click.Choice(["float32", "bfloat16"]),
    default="float32",
    show_default=True,
    help="The precision to compute them in. The difference allowed is larger in bfloat16.",
)
@click.option(
    "--code",
    "with_code",
    is_flag=True,
    help="Check the code of a trained model's network too, with its options and image size.",
)
@revision_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    model: str,
    height: int | None,
    width: int | None,
    device: str,
    precision: str,
    with_code: bool,
    as_json: bool,
) -> int:
    """Check the code of a model, or the files of a trained model.

    With the name of a model (zoo verify dala), its network is built and run through all checks of the zoo. With a run
    folder, a bundle folder or a Hub id, the files must have the sha256 that the bundle states, the card must state the
    results in it, and the weights must give the outputs that were saved with them, here and in this precision.
    """
    from zoo.bundle.bundle_files import is_bundle
    from zoo.errors import UnknownNameError
    from zoo.registry import registry
    from zoo.runs import is_run

    known = {*registry().names(), *(plugin.name for plugin in registry().plugins.broken)}
    path = Path(model)
    if "/" in model or is_run(path) or is_bundle(path):
        _refuse(ctx, FOR_CODE, f"the name of a model, and {model} is a trained model")
        return _verify_bundle(model, device, precision, with_code=with_code, as_json=as_json)
    if model not in known:
        raise UnknownNameError("model", model, known)
    _refuse(ctx, FOR_TRAINED, f"a trained model, and {model} is the name of a model")
    return _verify_code(model, height, width, as_json)


def _refuse(ctx: click.Context, options: Sequence[str], purpose: str) -> None:
    """Raise a usage error that names the first of these options that was given, and says what it is for."""
    for name in given_options(ctx, options):
        raise click.UsageError(f"--{name.removeprefix('with_')} is only for {purpose}")


def _verify_code(name: str, height: int | None, width: int | None, as_json: bool) -> int:
    """Run all checks on a model, print each result immediately, and return 1 if one failed."""
    from zoo.testing import outcomes

    results = []
    for outcome in outcomes(name, height=height, width=width):
        results.append(outcome)
        if not as_json:
            click.echo(f"{'ok    ' if outcome.error is None else 'FAILED'}  {outcome.promise}")
            if outcome.error:
                click.echo("        " + outcome.error.replace("\n", "\n        "))
    failed = sum(outcome.error is not None for outcome in results)
    if as_json:
        print_json([asdict(outcome) for outcome in results])
    else:
        click.echo(
            f"{name} fails {failed} of {len(results)} checks" if failed else f"{name} passes all {len(results)} checks"
        )
    return 1 if failed else 0


def _verify_bundle(model: str, device: str, precision: str, *, with_code: bool, as_json: bool) -> int:
    """Check the files, the card and the outputs of a trained model, and return 1 if a check failed."""
    from zoo.classifier.resolve import resolve
    from zoo.classifier.verdict import verify

    folder = resolve(model, progress=command_reporter())
    verdict = verify(folder, device=device, precision=cast("VerifiedPrecision", precision))
    if not as_json:
        print_verdict(verdict)
    code = _code_outcomes(folder, verdict.loads) if with_code else []
    failed = [*(not check.passed for check in verdict.checks), *(outcome.error is not None for outcome in code)]
    if as_json:
        print_json({**verdict_document(verdict), "code": [asdict(outcome) for outcome in code]})
        return 1 if any(failed) else 0
    if code:
        failures = [outcome.promise for outcome in code if outcome.error]
        found = "nothing was built: the model cannot be loaded"
        if verdict.loads.passed:
            found = f"{len(code) - len(failures)} of {len(code)}, {_built(folder)}{': '.join(['', *failures])}"
        click.echo(f"{'FAILED' if failures else 'ok    '}  its code passes the checks of the zoo")
        click.echo(f"        {found}")
    if any(failed):
        click.echo(f"{folder}: {sum(failed)} of {len(failed)} checks failed: do not use this model", err=True)
    else:
        click.echo(f"{folder}: this is the model that was saved")
    return 1 if any(failed) else 0


def _code_outcomes(folder: Path, loads: BundleCheck) -> Sequence[Outcome]:
    """Run all checks on the network that a bundle describes, but build nothing for weights that do not fit it.

    Args:
        folder: The bundle, which may be from anybody: its options may describe a network of any size.
        loads: The check that its model can be loaded.
    """
    from zoo.bundle.bundle_config import BundleConfig
    from zoo.testing import Outcome, bundle_outcomes

    if not loads.passed:
        promise = "config.json describes a network that the weights fit"
        return [Outcome(check="describes_a_network", promise=promise, error=loads.found)]
    return list(bundle_outcomes(BundleConfig.read(folder)))


def _built(folder: Path) -> str:
    """Return what was built for the checks of the code, such as "small_resnet(depth=20) with images of 32x32"."""
    from zoo.bundle.bundle_config import BundleConfig
    from zoo.text import one_line

    config = BundleConfig.read(folder)
    options = ", ".join(f"{name}={value}" for name, value in config.options.items())
    size = f"images of {config.preprocessing.height}x{config.preprocessing.width}"
    return one_line(f"{config.architecture}({options}) with {size}")
