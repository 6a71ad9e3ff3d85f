"""All checks of an explanation method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.errors import PluginError
from zoo.explain.class_score import ClassScore
from zoo.explain.methods import heat_map
from zoo.nn import SmallResNet, evaluation_mode
from zoo.registry import HeatMapLayer, registry
from zoo.spec import ExplanationMethod
from zoo.testing.declaration_checks import check_light
from zoo.testing.outcomes import Outcome, raise_failures, run_checks
from zoo.testing.side_effects import recorded_side_effects
from zoo.testing.spots import CORNER_OF, CORNERS, SpotNetwork, brightest_corner, image_with_spots

SIZE = (32, 24)
THREADS = 4
ROUNDING = 1e-4
"""How much a heat map may differ from one that is computed alone."""


class _TokenNetwork(nn.Module):
    """A network with a layer of tokens, as in a transformer: one class token, and one for each patch of 8 pixels."""

    def __init__(self, num_outputs: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 12, 8, stride=8)
        self.token = nn.Parameter(torch.randn(1, 1, 12))
        self.norm = nn.LayerNorm(12)
        self.mixing = nn.MultiheadAttention(12, 2, batch_first=True)
        self.fc = nn.Linear(12, num_outputs)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        y = self.norm(torch.cat([self.token.expand(x.shape[0], -1, -1), tokens], dim=1))
        return self.fc(self.mixing(y, y, y, need_weights=False)[0][:, 0])  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Subject:
    """A network to explain."""

    network: nn.Module
    source: HeatMapLayer
    outputs: int


@dataclass(frozen=True)
class ExplanationCase:
    """The explanation method under test."""

    method: ExplanationMethod
    plugin: str
    """The name of the plugin that registers it."""

    @property
    def subjects(self) -> tuple[_Subject, ...]:
        """New networks: a convolutional one of three classes, one with a single output, and a transformer."""
        torch.manual_seed(0)
        layer = HeatMapLayer(layer="layer3", tokens=None)
        return (
            _Subject(SmallResNet(3, depth=8).eval(), layer, 3),
            _Subject(SmallResNet(1, depth=8).eval(), layer, 1),
            _Subject(_TokenNetwork(3).eval(), HeatMapLayer(layer="norm", tokens=1), 3),
        )

    def image(self, seed: int = 1) -> Tensor:
        """Return an image of noise."""
        return torch.randn((1, 3, *SIZE), generator=torch.Generator().manual_seed(seed))

    def explained(
        self, subject: _Subject, weights: Tensor | None = None, *, seed: int = 1, image: Tensor | None = None
    ) -> Tensor:
        """Return the heat map of an image for a class, or for the predicted class; and check the logits it used."""
        image, network = self.image(seed) if image is None else image, subject.network

        def compute() -> Tensor:
            with torch.no_grad(), evaluation_mode(network):
                return network(image)  # type: ignore[no-any-return]

        def predicted(logits: Tensor) -> Tensor:
            return torch.eye(subject.outputs)[[int(logits.argmax())]]

        score = ClassScore(predicted if weights is None else lambda _: weights, compute)
        heat = heat_map(self.method, network, image, score, source=subject.source)
        if not bool(torch.isfinite(heat).all()):
            raise self.error("returns values that are NaN or infinite", hint="all values must be numbers in 0..1")
        if not torch.allclose(score.logits, compute(), atol=ROUNDING):
            raise self.error("gives score.use other logits than those of the image", hint="call it before all changes")
        return heat

    def error(self, message: str, *, hint: str) -> PluginError:
        """Return an error of this method."""
        return PluginError(f"{self.method.explain} {message}", hint=hint)


def registers_without_torch(case: ExplanationCase) -> None:
    """Registering the plugin imports neither torch nor another slow library."""
    check_light(case.plugin)


def gives_a_map_for_every_class(case: ExplanationCase) -> None:
    """Each class of a convolutional network and of a transformer has a map: rows x columns of numbers in 0..1."""
    for subject in case.subjects:
        rows = torch.eye(subject.outputs) if subject.outputs > 1 else torch.tensor([[1.0], [-1.0]])
        for row in rows:
            case.explained(subject, row[None])
        case.explained(subject)


def shows_the_evidence(case: ExplanationCase) -> None:
    """The map of a class is highest where the image has the evidence for that class."""
    for tokens in (None, 1):
        subject = _Subject(SpotNetwork(tokens=tokens is not None).eval(), HeatMapLayer(layer="layer", tokens=tokens), 2)
        for row, expected in zip(torch.eye(subject.outputs), CORNER_OF, strict=True):
            heat = case.explained(subject, row[None], image=image_with_spots(*SIZE))
            found = brightest_corner(heat, *SIZE)
            if found != expected:
                where = "in no corner alone" if found is None else f"at the {CORNERS[found]}"
                raise case.error(
                    f"gives a map that is highest {where}, for a class whose only evidence is a spot at the "
                    f"{CORNERS[expected]}{' of a transformer' if tokens else ''}",
                    hint="explain score(logits), not another class; the first row of the map is the top of the image",
                )


def is_repeatable(case: ExplanationCase) -> None:
    """The same image gives the same map, nothing is printed, and no setting or generator is changed."""
    maps, subject = [], case.subjects[0]
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = torch.random.get_rng_state()
        with recorded_side_effects() as effects:
            maps.append(case.explained(subject))
        if effects.found:
            raise case.error("; ".join(effects.found), hint="leave the process as it is, and print nothing")
        if not torch.equal(before, torch.random.get_rng_state()):
            raise case.error(
                "draws from torch's random number generator, or seeds it",
                hint="use a generator of your own: torch.Generator().manual_seed(0)",
            )
    if maps[0].shape != maps[1].shape or not torch.allclose(maps[0], maps[1], atol=ROUNDING):
        raise case.error("gives another map for the same image", hint="draw from a generator of your own, if at all")


def leaves_the_network_as_it_is(case: ExplanationCase) -> None:
    """Weights, buffers, gradients, hooks and modes of the network are as before."""
    for subject in case.subjects:
        subject.network.train()
        before, weights = _state(subject.network), _weights(subject.network)
        try:
            case.explained(subject)
            after = _state(subject.network)
        finally:
            subject.network.eval()
        changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        now = _weights(subject.network)
        changed += [name for name in weights if not torch.equal(weights[name], now[name])]
        if changed:
            raise case.error(
                f"changes the network: {', '.join(changed[:3])}",
                hint="remove hooks in `finally`; use torch.autograd.grad instead of backward",
            )


def _state(network: nn.Module) -> dict[str, object]:
    """Return what a method may leave behind: modes, hooks, gradients, and whether parameters require them."""
    found: dict[str, object] = {}
    for path, module in network.named_modules():
        hooks = sum(len(value) for name, value in vars(module).items() if name.endswith("hooks") and value)
        found |= {f"hooks of {path or 'the network'}": hooks, f"mode of {path or 'the network'}": module.training}
    for path, parameter in network.named_parameters():
        found |= {f"requires_grad of {path}": parameter.requires_grad, f"gradient of {path}": parameter.grad is None}
    return found


def _weights(network: nn.Module) -> dict[str, Tensor]:
    """Return copies of all weights and buffers."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def is_thread_safe(case: ExplanationCase) -> None:
    """Several threads that share a network get the maps that each would get alone."""
    for subject in case.subjects[:1]:
        alone = [case.explained(subject, seed=seed) for seed in range(THREADS)]

        def explain(seed: int, subject: _Subject = subject) -> Tensor:
            return case.explained(subject, seed=seed)

        with ThreadPoolExecutor(THREADS) as pool:
            together = list(pool.map(explain, list(range(THREADS)) * 3))
        if not all(
            heat.shape == alone[number % THREADS].shape and torch.allclose(heat, alone[number % THREADS], atol=ROUNDING)
            for number, heat in enumerate(together)
        ):
            raise case.error(
                "gives other maps when several threads share the network",
                hint="ignore in your hooks what other threads compute (threading.get_ident), and keep no global state",
            )


CHECKS: tuple[Callable[[ExplanationCase], None], ...] = (
    registers_without_torch,
    gives_a_map_for_every_class,
    shows_the_evidence,
    is_repeatable,
    leaves_the_network_as_it_is,
    is_thread_safe,
)


def explanation_outcomes(name: str) -> Iterator[Outcome]:
    """Run every check on an explanation method, and yield its outcome.

    Args:
        name: The method's name.
    """
    method = registry().explanation_method(name)
    case = ExplanationCase(method, registry().plugins.owner(name, "explanation_methods").name)
    return run_checks(CHECKS, case, package=method.explain)


def check_explanation_method(name: str) -> None:
    """Raise an error unless an explanation method passes every check. Call it in a test of your own package.

    Args:
        name: The method's name.

    Examples:
        >>> def test_my_occlusion_passes_all_checks_of_the_zoo():
        ...     check_explanation_method("my_occlusion")
    """
    raise_failures(name, explanation_outcomes(name))
