"""One sitting of a training: from the first step, or the one after a checkpoint, to the bundle and its numbers."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Any

import numpy as np
import torch

from zoo.bundle.bundle_files import read_config, write_report
from zoo.bundle.card import card
from zoo.classifier import Classifier, from_blueprint, from_pretrained
from zoo.data.device_images import Images
from zoo.data.split.split import write_split
from zoo.device import choose_compute
from zoo.errors import Interrupted, RunError
from zoo.evaluation.report import evaluate_classifier
from zoo.progress import Reporter
from zoo.runs import CHECKPOINT, CURVES, HISTORY, SPLIT, Run
from zoo.signals import StopRequested, listen_for_signals
from zoo.training.batches import Data
from zoo.training.checkpoint import Checkpoints, CheckpointWriter, Snapshot
from zoo.training.curves import draw_curves
from zoo.training.finetuning import head_of
from zoo.training.history import Epoch, append, rewrite
from zoo.training.initial_weights import InitialWeights, load_initial_weights
from zoo.training.loop import TrainingLoop, TrainingResult
from zoo.training.outcome import outcome, training_facts
from zoo.training.resources import energy_meter, peak_memory
from zoo.training.trackers import Tracker, Tracking
from zoo.training.work import Work


class Session:
    """A run folder with somebody working in it. Of several processes only the chief writes there."""

    def __init__(
        self, folder: Run, work: Work, *, save_every: float, progress: Reporter, tracker: Tracker | None = None
    ) -> None:
        self.folder, self.work, self.progress, self.save_every = folder, work, progress, save_every
        self.chief = work.world.chief
        self.tracking = Tracking(tracker if self.chief else None, progress)
        self.checkpoints = Checkpoints(folder.path / CHECKPOINT)

    def run(self, saved: Snapshot | None = None) -> Run:
        """Train, from a checkpoint if there is one, and evaluate. However it ends, the record says so."""
        with self.folder.locked() if self.chief else nullcontext():
            self._note(status="running")
            try:
                self._train(saved)
            except StopRequested as stopped:
                self._end("interrupted")
                self.work.world.broadcast_object(None)  # a process that ends is the launcher's sign to end the others
                raise Interrupted(
                    f"the step was finished, and a checkpoint lies in {self.folder}",
                    number=stopped.number,
                    hint=f"go on with: zoo train --resume {self.folder}",
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
        plan, world = self.work.plan, self.work.world
        manifest = self.work.prepared.manifest
        if self.chief:
            write_split(self.folder.path / SPLIT, manifest, self.work.split)
        torch.manual_seed(plan.seed)
        classifier = from_blueprint(plan.blueprint, manifest.classes)
        start = world.broadcast_object(self._started(classifier, saved) if self.chief else None)
        compute = self.work.chosen.compute
        classifier.to(compute.device)
        world.broadcast(classifier.network.state_dict().values())
        with compute.torch_settings():
            meter = energy_meter(compute.device)
            fitted = self._fitted(classifier, saved)
            classifier.network.load_state_dict(fitted.weights)
            found = outcome(
                fitted, memory=peak_memory(compute.device), joules=meter() if meter and saved is None else None
            )
            self._note(outcome=found)
            facts = {**training_facts(self.work, start, classifier), **found}
            if self.chief:
                draw_curves(fitted.rows, self.folder.path / CURVES)
            self._evaluate(classifier, facts)

    def _started(self, classifier: Classifier, saved: Snapshot | None) -> InitialWeights:
        """Initial weights; those of a run that goes on are in its checkpoint, or must be had again."""
        known = self.folder.record.get("initial_weights")
        if known and saved:
            return InitialWeights(**known)
        start = load_initial_weights(classifier.network, self.work.plan.blueprint, self.work.plan.init, self.progress)
        if known and start.as_dict() != known:
            raise RunError(
                f"began with {known['used']} weights, and now they are: {start.used}", where=str(self.folder)
            )
        self._note(initial_weights=start.as_dict())
        return start

    def _fitted(self, classifier: Classifier, saved: Snapshot | None) -> TrainingResult:
        work, plan = self.work, self.work.plan
        manifest, device = work.prepared.manifest, work.chosen.compute.device
        self.progress.say(f"computing on {work.chosen.why}")
        loop = TrainingLoop(
            classifier,
            Data(
                images=Images(work.prepared.pixels, device, resident=work.chosen.resident),
                labels=np.array(manifest.labels),
                keys=[sample.key for sample in manifest.samples],
                split=work.split,
            ),
            plan.recipe,
            head=head_of(plan.blueprint, len(manifest.classes)) if _asks_for_head(work) else (),
            seed=plan.seed,
            chosen=work.chosen,
            world=work.world,
            progress=self.progress,
        )
        history = self.folder.path / HISTORY
        rows = [Epoch(**row) for row in saved.facts["rows"]] if saved else []
        if self.chief:
            rewrite(history, rows)
        self.tracking.begin(self.folder, rows)

        def note(epoch: Epoch) -> None:
            if self.chief:
                append(history, epoch)
            self.tracking.follow(epoch)

        writer = CheckpointWriter(self.checkpoints, every=self.save_every)
        try:
            with listen_for_signals() as request:
                try:
                    return loop.run(note, writer=writer, request=request, saved=saved)
                except StopRequested:
                    raise
                except Exception as error:
                    self._failed(error)  # here, where the launcher's SIGTERM, sent when one fails, is not yet the end
                    raise
        finally:
            writer.close()
            self.tracking.end()

    def _evaluate(self, classifier: Classifier, facts: dict[str, Any]) -> None:
        """Write the bundle, and measure what was written, as everybody else will load it."""
        work, world = self.work, self.work.world
        if self.chief:
            self.folder.drop_bundle()  # of a session that was killed before it could say that it had finished
            classifier.describe_training(facts).save(self.folder.bundle)
            classifier = from_pretrained(self.folder.bundle)
        compute = choose_compute(str(work.chosen.compute.device), "float32")
        compute.place(classifier)
        world.broadcast(classifier.network.state_dict().values())
        evaluation = evaluate_classifier(
            classifier,
            work.prepared,
            split=work.split,
            part="test",
            compute=compute,
            progress=self.progress,
            world=world,
        )
        if self.chief:
            evaluation.write(self.folder.path)
            measured = evaluation.as_dict()
            bundle = self.folder.bundle
            write_report(bundle, metrics=measured, card=card(read_config(bundle), measured))

    def _note(self, **facts: Any) -> None:
        if self.chief:
            self.folder.update(facts)

    def _failed(self, error: Exception) -> None:
        with suppress(OSError):  # a full disk has no room for this either; the first error is the one to tell
            self._end("failed", error=self.work.world.first_error(error))

    def _end(self, status: str, **facts: Any) -> None:
        if self.chief:
            self.folder.finish(status, **facts)


def _asks_for_head(work: Work) -> bool:
    return work.plan.recipe.tune == "head" or work.plan.recipe.early_rate < 1
