"""One sitting of a training: from the first step, or the one after a checkpoint, to the bundle and its numbers."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from threading import Lock
from typing import Any

import torch

from zoo.bundle.bundle_files import write_report
from zoo.bundle.card import card
from zoo.bundle.provenance import InitialWeights, Provenance
from zoo.classifier import Classifier, from_blueprint, from_pretrained
from zoo.config.plain import plain
from zoo.data.split.split_file import write_split
from zoo.device import choose_compute
from zoo.distributed.world import World
from zoo.errors import Interrupted, RunError
from zoo.evaluation.report import evaluate_classifier
from zoo.progress import Reporter
from zoo.runs import CHECKPOINT, CURVES, HISTORY, SPLIT, Run
from zoo.signals import StopRequested, listen_for_signals
from zoo.training.checkpoint import Checkpoints, CheckpointWriter, Snapshot
from zoo.training.compute import ComputePlan
from zoo.training.curves import draw_curves
from zoo.training.finetuning import head_parameters
from zoo.training.history import Epoch, append, rewrite
from zoo.training.initial_weights import load_initial_weights
from zoo.training.loop import TrainingLoop, TrainingResult
from zoo.training.plan import Plan
from zoo.training.record import provenance, training_outcome
from zoo.training.resources import energy_meter, peak_memory
from zoo.training.trackers import Tracker, Tracking
from zoo.training.training_data import TrainingData

ONE_AT_A_TIME = Lock()
"""Trainings in threads of one process take turns: torch has one random number generator for all of them."""


class Session:
    """A run folder and the process that works in it. Of several processes, only the first writes there."""

    def __init__(
        self,
        run: Run,
        plan: Plan,
        data: TrainingData,
        *,
        compute: ComputePlan,
        world: World,
        save_every: float,
        progress: Reporter,
        tracker: Tracker | None = None,
    ) -> None:
        self.folder, self.plan, self.data, self.compute, self.world = run, plan, data, compute, world
        self.progress, self.save_every = progress, save_every
        self.chief = world.chief
        self.tracking = Tracking(tracker if self.chief else None, progress)
        self.checkpoints = Checkpoints(run.path / CHECKPOINT)

    def run(self, saved: Snapshot | None = None) -> Run:
        """Train, from a checkpoint if there is one, and evaluate. However it ends, run.yaml says so."""
        with ONE_AT_A_TIME, self.folder.locked() if self.chief else nullcontext():
            self._note(status="running")
            try:
                self._train(saved)
            except StopRequested as stopped:
                self._end("interrupted")
                self.world.broadcast_object(None)  # a process that ends is the launcher's sign to end the others
                raise Interrupted(
                    f"a checkpoint was saved in {self.folder}",
                    number=stopped.number,
                    hint=f"resume with: zoo train --resume {self.folder}",
                ) from stopped
            except KeyboardInterrupt:
                self._end("interrupted")
                raise
            except Exception as error:
                self._failed(error)
                raise
            self._end("finished")
            if self.chief:
                self.checkpoints.clear()
        return self.folder

    def _train(self, saved: Snapshot | None) -> None:
        plan, world, manifest = self.plan, self.world, self.data.manifest
        if self.chief:
            write_split(self.folder.path / SPLIT, manifest, self.data.split)
        torch.manual_seed(plan.config.seed)
        classifier = from_blueprint(plan.blueprint, manifest.classes)
        weights = world.broadcast_object(self._initial_weights(classifier, saved) if self.chief else None)
        device = self.compute.compute.device
        classifier.to(device)
        world.broadcast(classifier.network.state_dict().values())
        with self.compute.compute.torch_settings():
            meter = energy_meter(device)
            result = self._run_loop(classifier, saved)
            classifier.network.load_state_dict(result.weights)
            energy = meter() if meter and saved is None else None
            outcome = training_outcome(result, memory=peak_memory(device), joules=energy)
            self._note(outcome=outcome)
            origin = provenance(
                plan,
                self.data,
                computing=self.compute.why,
                init=weights,
                parameters=sum(parameter.numel() for parameter in classifier.parameters()),
                outcome=outcome,
            )
            if self.chief:
                draw_curves(result.rows, self.folder.path / CURVES)
            self._evaluate(classifier, origin)

    def _initial_weights(self, classifier: Classifier, saved: Snapshot | None) -> InitialWeights:
        """Load initial weights; those of a resumed run are in its checkpoint, or are loaded again."""
        known = self.folder.record.initial_weights
        if known and saved:
            return known
        weights = load_initial_weights(
            classifier.network, self.plan.blueprint, self.plan.config.model.init, self.progress
        )
        if known and weights != known:
            raise RunError(
                f"the run began with {known.used} weights, and now they are: {weights.used}", where=str(self.folder)
            )
        self._note(initial_weights=weights)
        return weights

    def _run_loop(self, classifier: Classifier, saved: Snapshot | None) -> TrainingResult:
        self.progress.say(f"computing on {self.compute.why}")
        recipe = self.plan.recipe
        needs_head = recipe.tune == "head" or recipe.early_rate < 1
        loop = TrainingLoop(
            classifier,
            self.data,
            recipe,
            head=head_parameters(self.plan.blueprint, len(classifier.classes)) if needs_head else (),
            seed=self.plan.config.seed,
            compute=self.compute,
            world=self.world,
            progress=self.progress,
        )
        history = self.folder.path / HISTORY
        rows = [Epoch(**row) for row in saved.facts["rows"]] if saved else []
        if self.chief:
            rewrite(history, rows)
        self.tracking.begin(self.folder, rows)

        def on_epoch(epoch: Epoch) -> None:
            if self.chief:
                append(history, epoch)
            self.tracking.follow(epoch)

        writer = CheckpointWriter(self.checkpoints, every=self.save_every)
        try:
            with listen_for_signals() as request:
                try:
                    return loop.run(on_epoch, writer=writer, request=request, saved=saved)
                except StopRequested:
                    raise
                except Exception as error:
                    self._failed(error)  # here, where the launcher's SIGTERM, sent when one fails, is not yet the end
                    raise
        finally:
            writer.close()
            self.tracking.end()

    def _evaluate(self, classifier: Classifier, origin: Provenance) -> None:
        """Write the bundle, and evaluate it as everybody else will load it."""
        if self.chief:
            self.folder.drop_bundle()  # of a session that was killed before it could say that it had finished
            classifier.describe_training(origin).save(self.folder.bundle)
            classifier = from_pretrained(self.folder.bundle)
        compute = choose_compute(str(self.compute.compute.device), "float32")
        compute.place(classifier)
        self.world.broadcast(classifier.network.state_dict().values())
        evaluation = evaluate_classifier(
            classifier,
            self.data.prepared,
            split=self.data.split,
            part="test",
            compute=compute,
            progress=self.progress,
            world=self.world,
        )
        if self.chief:
            evaluation.write(self.folder.path)
            text = card(classifier.config, evaluation.metrics)
            write_report(self.folder.bundle, metrics=plain(evaluation.metrics), card=text)

    def _note(self, **changes: Any) -> None:
        if self.chief:
            self.folder.update(**changes)

    def _failed(self, error: Exception) -> None:
        with suppress(OSError):  # a full disk has no room for this either; the first error is the one to report
            self._end("failed", error=self.world.first_error(error))

    def _end(self, status: Any, *, error: str | None = None) -> None:
        if self.chief:
            self.folder.finish(status, error=error)
