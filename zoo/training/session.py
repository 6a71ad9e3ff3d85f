"""One session of a training in a run folder: the loop, the bundle, and the evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

from zoo.baseline import Baseline, fit_baseline
from zoo.bundle.bundle_files import write_report
from zoo.bundle.card import card
from zoo.bundle.provenance import Provenance, TrainingOutcome
from zoo.classifier import Classifier, from_pretrained
from zoo.config.plain import plain
from zoo.data.device_images import DeviceImages
from zoo.data.split.split_file import write_split
from zoo.device import choose_compute
from zoo.errors import Interrupted
from zoo.evaluation.evaluation import evaluate_classifier
from zoo.evaluation.selection import part_of_training
from zoo.gpu_memory import ELSEWHERE, gpu_memory_errors
from zoo.progress import Reporter
from zoo.reports import write_evaluation_report
from zoo.runs import CHECKPOINT, CURVES, HISTORY, SPLIT, Run, resume_hint
from zoo.runs.history import Epoch, append_epoch, write_history
from zoo.runs.run_record import Status
from zoo.signals import StopRequested, listen_for_signals
from zoo.training.calibrate import calibrate
from zoo.training.checkpoint import Checkpoints, CheckpointWriter, Snapshot
from zoo.training.class_balance import balance_message
from zoo.training.curves import draw_curves
from zoo.training.finetuning import head_parameters, tuned_message, tuned_parameters
from zoo.training.initial_network import InitialNetwork
from zoo.training.loop import TrainingLoop, TrainingResult
from zoo.training.record import provenance, training_outcome
from zoo.training.resources import energy_meter, forget_peak_memory, peak_memory
from zoo.training.setup import TrainingSetup
from zoo.training.trackers import FailSafeTracker, Tracker


class Session:
    """Trains a run, from the beginning or a checkpoint. Of several processes, only the chief writes to its folder."""

    def __init__(
        self,
        run: Run,
        setup: TrainingSetup,
        *,
        network: InitialNetwork,
        progress: Reporter,
        tracker: Tracker | None,
    ) -> None:
        """Prepare a session.

        Args:
            run: The run, which this process has locked.
            setup: The training.
            network: The network to train, with its initial weights.
            progress: Shows progress and messages.
            tracker: The experiment tracker, if there is one.
        """
        self.folder, self.setup, self.network, self.progress = run, setup, network, progress
        self.plan, self.data, self.compute, self.world = setup.plan, setup.data, setup.compute, setup.world
        self.chief = setup.world.chief
        self.tracker = FailSafeTracker(tracker if self.chief else None, progress)
        self.checkpoints = Checkpoints(run.path / CHECKPOINT, run.record.fixed if self.chief else {})
        self._stage: Literal["prepare", "train", "evaluate"] = "prepare"

    def run(self, saved: Snapshot | None = None) -> Run:
        """Train, evaluate, and write to run.yaml how the session ended.

        Args:
            saved: The checkpoint to resume from; None to train from the beginning.

        Returns:
            The finished run.
        """
        try:
            self._update_record(status="running", ended=None, error=None)
            self._train(saved)
        except StopRequested as stopped:
            raise self._interrupted(stopped, saved) from stopped
        except KeyboardInterrupt:
            self._record_end("interrupted")
            raise
        except Exception as error:
            self._record_failure(error)
            raise
        with listen_for_signals():  # the run is finished, so a signal changes nothing any more
            self._record_end("finished")
            if self.chief:
                self.checkpoints.clear()
        return self.folder

    def _train(self, saved: Snapshot | None) -> None:
        """Train, and write the split, the curves, the bundle and the evaluation."""
        classifier = self.network.classifier
        if self.chief:
            write_split(self.folder.path / SPLIT, self.data.manifest, self.data.split)
        device, again = self.compute.compute.device, resume_hint(self.folder)
        with self.compute.compute.torch_settings():
            forget_peak_memory(device)
            meter = energy_meter(device)
            result = self._run_loop(classifier, saved)
            classifier.network.load_state_dict(result.weights)
            outcome = self._known_outcome(result, saved)
            if outcome is None:
                energy = meter() if meter and saved is None else None
                outcome = training_outcome(result, memory=peak_memory(device), joules=energy)
                self._update_record(outcome=outcome)
            training = provenance(
                self.setup,
                init=self.network.weights,
                parameters=sum(parameter.numel() for parameter in classifier.parameters()),
                outcome=outcome,
            )
            if self.chief:
                draw_curves(result.rows, self.folder.path / CURVES)
            with gpu_memory_errors("while the trained network is evaluated", hint=f"{ELSEWHERE}, then {again}"):
                self._save_and_evaluate(classifier, training, result.rows)

    def _known_outcome(self, result: TrainingResult, saved: Snapshot | None) -> TrainingOutcome | None:
        """Return the outcome of a training that an earlier session ended: this one has not measured it."""
        ended_before = saved is not None and saved.step == result.rows[-1].step
        return self.folder.record.outcome if ended_before and self.chief else None

    def _run_loop(self, classifier: Classifier, saved: Snapshot | None) -> TrainingResult:
        """Run the training loop, with history, checkpoints and tracker."""
        self.progress.say(f"computing on {self.compute.description}")
        labels = self.data.labels[list(self.data.split.train)]
        self.progress.say(balance_message(labels, classifier.classes, self.plan.recipe))
        weights, tuned = self.network.weights, set[str]()
        recipe = self.plan.recipe.starting_from(weights.used)
        if recipe.lr != self.plan.recipe.lr:
            self.progress.say(f"learning rate {recipe.lr:g}, since the network starts from random weights")
        if recipe.tune == "head" or recipe.early_rate < 1:
            head = head_parameters(self.plan.blueprint, len(classifier.classes))
            tuned = tuned_parameters(classifier.network, recipe, head, weights)
        if recipe.tune == "head":
            self.progress.say(tuned_message(tuned, weights))
        hint = self._smaller()
        with gpu_memory_errors("with the network, its optimizer and the images that are kept there", hint=hint):
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

        writer = CheckpointWriter(self.checkpoints, every=self.plan.config.session.save_every)
        with listen_for_signals() as request:
            self._stage = "train"
            try:
                with gpu_memory_errors(lambda: f"in {loop.position()}", hint=hint):
                    result = loop.run(on_epoch, writer=writer, request=request, saved=saved)
            except Exception as error:
                # signals are only noted here, so the launcher's SIGTERM to all processes does not come in between
                self._record_failure(error)
                raise
            finally:
                writer.close()
                self.tracker.finish()
            self._stage = "evaluate"
        if request.number is not None:  # after the last step
            raise StopRequested(request.number)
        return result

    def _smaller(self) -> str:
        """Return what makes a training need less of a GPU's memory, as text."""
        size, batch = self.plan.blueprint.preprocessing, self.plan.recipe.batch_size
        ways = [
            f"a new run with a smaller --batch-size (now {batch})",
            f"smaller images (--height, --width; now {size.height}x{size.width})",
            *([] if self.compute.compute.bfloat16 else ["--precision bfloat16"]),
            *(["--resident no"] if self.compute.resident else []),
        ]
        return (
            f"{', '.join(ways)}; or, if something else uses this GPU (nvidia-smi shows it), later as it is from the "
            f"last checkpoint: {resume_hint(self.folder)}"
        )

    def _save_and_evaluate(self, classifier: Classifier, training: Provenance, history: Sequence[Epoch]) -> None:
        """Save the bundle, evaluate the classifier as it is loaded from there, and report the results."""
        compute = choose_compute(str(self.compute.compute.device), "float32")
        compute.place(classifier)
        self.world.broadcast(classifier.network.state_dict().values())
        calibrate(classifier, self.setup, compute=compute, progress=self.progress)
        if self.chief:
            self.folder.delete_bundle()  # left by a session that was killed while it evaluated
            baseline = self._fit_baseline(len(classifier.classes))
            seen = self.data.seen(self.network.before)
            classifier.describe_training(training, seen, baseline).save(self.folder.bundle)
            classifier = from_pretrained(self.folder.bundle)
            compute.place(classifier)
        evaluation = evaluate_classifier(
            classifier,
            self.data.prepared,
            selection=part_of_training(
                self.data.prepared, self.data.split, training.split, "test", before=self.network.before
            ),
            compute=compute,
            progress=self.progress,
            world=self.world,
        )
        if self.chief:
            evaluation.write(self.folder.path)
            text = card(classifier.config, evaluation.metrics)
            write_report(self.folder.bundle, metrics=plain(evaluation.metrics), card=text)
            write_evaluation_report(self.folder.path, evaluation, classifier, history=history, progress=self.progress)

    def _fit_baseline(self, classes: int) -> Baseline:
        """Fit the simple model that the network is compared with."""
        images = DeviceImages(self.data.pixels, self.compute.compute.device)
        return fit_baseline(images, self.data.split, self.data.labels, classes, self.progress)

    def _interrupted(self, stopped: StopRequested, saved: Snapshot | None) -> Interrupted:
        """Write to run.yaml that a signal stopped the session, and return the error that says how to resume."""
        with listen_for_signals():  # the launcher or an impatient user may send another one
            self._record_end("interrupted")
            if self._stage == "train":  # in which all processes stop after the same step
                self.world.broadcast_object(None)  # wait for the chief: the launcher ends all when one exits
        if self._stage == "evaluate":
            done = f"training is complete and saved in {self.folder}, but not evaluated"
        elif self._stage == "train" or saved is not None:
            done = f"a checkpoint was saved in {self.folder}"
        else:
            done = f"nothing has been trained yet in {self.folder}"
        return Interrupted(done, number=stopped.number, hint=resume_hint(self.folder))

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
