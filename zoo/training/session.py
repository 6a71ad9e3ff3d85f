"""One session of a training in a run folder: initial weights, the loop, the bundle, and the evaluation."""

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
from zoo.evaluation.evaluation import evaluate_classifier
from zoo.evaluation.selection import part_of_training
from zoo.progress import Reporter
from zoo.runs import CHECKPOINT, CURVES, HISTORY, SPLIT, Run
from zoo.runs.run_record import Status
from zoo.signals import StopRequested, listen_for_signals
from zoo.training.checkpoint import Checkpoints, CheckpointWriter, Snapshot
from zoo.training.compute import ComputePlan
from zoo.training.curves import draw_curves
from zoo.training.finetuning import head_parameters, tuned_message, tuned_parameters
from zoo.training.history import Epoch, append_epoch, write_history
from zoo.training.initial_weights import load_initial_weights
from zoo.training.loop import TrainingLoop, TrainingResult
from zoo.training.plan import Plan
from zoo.training.record import provenance, training_outcome
from zoo.training.resources import energy_meter, peak_memory
from zoo.training.trackers import FailSafeTracker, Tracker
from zoo.training.training_data import TrainingData

ONE_AT_A_TIME = Lock()
"""Trainings in threads of one process take turns: torch has one random number generator for all of them."""


class Session:
    """Trains a run, from the beginning or a checkpoint. Of several processes, only the chief writes to its folder."""

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
        """Prepare a session.

        Args:
            run: The run.
            plan: The model, the recipe and the configuration.
            data: The images, their labels and their split.
            compute: How to compute.
            world: The processes that train together.
            save_every: Seconds between two checkpoints.
            progress: Shows progress and messages.
            tracker: The experiment tracker, if there is one.
        """
        self.folder, self.plan, self.data, self.compute, self.world = run, plan, data, compute, world
        self.progress, self.save_every = progress, save_every
        self.chief = world.chief
        self.tracker = FailSafeTracker(tracker if self.chief else None, progress)
        self.checkpoints = Checkpoints(run.path / CHECKPOINT)

    def run(self, saved: Snapshot | None = None) -> Run:
        """Train, evaluate, and write to run.yaml how the session ended.

        Args:
            saved: The checkpoint to resume from; None to train from the beginning.

        Returns:
            The finished run.
        """
        with ONE_AT_A_TIME, self.folder.locked() if self.chief else nullcontext():
            if self.world.size == 1 and self.folder.record.status == "finished":
                return self.folder  # by another process, while this one read the data
            self._update_record(status="running")
            try:
                self._train(saved)
            except StopRequested as stopped:
                self._record_end("interrupted")
                self.world.broadcast_object(None)  # wait for the chief: the launcher ends all processes when one exits
                raise Interrupted(
                    f"a checkpoint was saved in {self.folder}",
                    number=stopped.number,
                    hint=f"resume with: zoo train --resume {self.folder}",
                ) from stopped
            except KeyboardInterrupt:
                self._record_end("interrupted")
                raise
            except Exception as error:
                self._record_failure(error)
                raise
            self._record_end("finished")
            if self.chief:
                self.checkpoints.clear()
        return self.folder

    def _train(self, saved: Snapshot | None) -> None:
        """Train, and write the split, the curves, the bundle and the evaluation."""
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
            result = self._run_loop(classifier, weights, saved)
            classifier.network.load_state_dict(result.weights)
            energy = meter() if meter and saved is None else None
            outcome = training_outcome(result, memory=peak_memory(device), joules=energy)
            self._update_record(outcome=outcome)
            training = provenance(
                plan,
                self.data,
                computing=self.compute.description,
                init=weights,
                parameters=sum(parameter.numel() for parameter in classifier.parameters()),
                outcome=outcome,
            )
            if self.chief:
                draw_curves(result.rows, self.folder.path / CURVES)
            self._save_and_evaluate(classifier, training)

    def _initial_weights(self, classifier: Classifier, saved: Snapshot | None) -> InitialWeights:
        """Load the initial weights and return what they are; a run with a checkpoint has its weights there."""
        known = self.folder.record.initial_weights
        if known and saved:
            return known
        weights = load_initial_weights(
            classifier.network, self.plan.blueprint, self.plan.config.model.init, self.progress
        )
        if known and weights != known:
            raise RunError(
                f"cannot resume: the initial weights were {known.used} then, {weights.used} now", where=str(self.folder)
            )
        self._update_record(initial_weights=weights)
        return weights

    def _run_loop(self, classifier: Classifier, weights: InitialWeights, saved: Snapshot | None) -> TrainingResult:
        """Run the training loop, with history, checkpoints and tracker."""
        self.progress.say(f"computing on {self.compute.description}")
        recipe, tuned = self.plan.recipe, set[str]()
        if recipe.tune == "head" or recipe.early_rate < 1:
            head = head_parameters(self.plan.blueprint, len(classifier.classes))
            tuned = tuned_parameters(classifier.network, recipe, head, weights)
        if recipe.tune == "head":
            self.progress.say(tuned_message(tuned, weights))
        loop = TrainingLoop(
            classifier,
            self.data,
            recipe,
            tuned=tuned,
            seed=self.plan.config.seed,
            compute=self.compute,
            world=self.world,
            progress=self.progress,
        )
        history = self.folder.path / HISTORY
        rows = [Epoch(**row) for row in saved.facts["rows"]] if saved else []
        if self.chief:
            write_history(history, rows)
        self.tracker.start(self.folder, rows)

        def on_epoch(epoch: Epoch) -> None:
            if self.chief:
                append_epoch(history, epoch)
            self.tracker.log(epoch)

        writer = CheckpointWriter(self.checkpoints, every=self.save_every)
        try:
            with listen_for_signals() as request:
                try:
                    return loop.run(on_epoch, writer=writer, request=request, saved=saved)
                except StopRequested:
                    raise
                except Exception as error:
                    # signals are only noted here, so the launcher's SIGTERM to all processes does not come in between
                    self._record_failure(error)
                    raise
        finally:
            writer.close()
            self.tracker.finish()

    def _save_and_evaluate(self, classifier: Classifier, training: Provenance) -> None:
        """Save the bundle, and evaluate the classifier as it is loaded from there."""
        if self.chief:
            self.folder.delete_bundle()  # left by a session that was killed while it evaluated
            classifier.describe_training(training, self.data.seen()).save(self.folder.bundle)
            classifier = from_pretrained(self.folder.bundle)
        compute = choose_compute(str(self.compute.compute.device), "float32")
        compute.place(classifier)
        self.world.broadcast(classifier.network.state_dict().values())
        evaluation = evaluate_classifier(
            classifier,
            self.data.prepared,
            selection=part_of_training(self.data.prepared, self.data.split, training.split, "test"),
            compute=compute,
            progress=self.progress,
            world=self.world,
        )
        if self.chief:
            evaluation.write(self.folder.path)
            text = card(classifier.config, evaluation.metrics)
            write_report(self.folder.bundle, metrics=plain(evaluation.metrics), card=text)

    def _update_record(self, **changes: Any) -> None:
        """Change fields of run.yaml."""
        if self.chief:
            self.folder.update(**changes)

    def _record_failure(self, error: Exception) -> None:
        """Write to run.yaml that the session failed, and why."""
        with suppress(OSError):  # when the disk is full, this cannot be written either; the first error is reported
            self._record_end("failed", error=self.world.first_error(error))

    def _record_end(self, status: Status, *, error: str | None = None) -> None:
        """Write to run.yaml how the session ended."""
        if self.chief:
            self.folder.finish(status, error=error)
