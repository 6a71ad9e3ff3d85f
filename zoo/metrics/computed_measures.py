"""How each measure of the zoo is computed, under its name."""

from __future__ import annotations

from zoo.metrics.auroc import UnitAuroc
from zoo.metrics.average_precision import UnitAveragePrecision
from zoo.metrics.formulas import accuracy as share_right
from zoo.metrics.formulas import cohen_kappa as kappa
from zoo.metrics.formulas import mcc as correlation
from zoo.metrics.measure_functions import ClassMean, OfCounts, OfRanks, OfSums
from zoo.metrics.probability_measures import (
    brier_sums,
    calibration_sums,
    loss_sums,
    mean,
    patients_not_known,
    recognition_sums,
)
from zoo.metrics.probability_measures import calibration_error as mean_gap
from zoo.metrics.undefined import Present


def _undefined_correlation(present: Present) -> str:
    return present.only_class or present.only_prediction


def _undefined_kappa(present: Present) -> str:
    return present.only_class if present.only_prediction else ""


balanced_accuracy = ClassMean(of="recall", mean="macro")
accuracy = OfCounts(formula=share_right)
auroc = OfRanks(area=UnitAuroc)
average_precision = OfRanks(area=UnitAveragePrecision)
mcc = OfCounts(formula=correlation, why_undefined=_undefined_correlation)
cohen_kappa = OfCounts(formula=kappa, why_undefined=_undefined_kappa)
loss = OfSums(sums=loss_sums, formula=mean)
brier = OfSums(sums=brier_sums, formula=mean)
calibration_error = OfSums(sums=calibration_sums, formula=mean_gap)
patient_recognition_rate = OfSums(sums=recognition_sums, formula=mean, why_undefined=patients_not_known)
precision = ClassMean(of="precision", mean="positive")
recall = ClassMean(of="recall", mean="positive")
specificity = ClassMean(of="specificity", mean="positive")
f1 = ClassMean(of="f1", mean="positive")
gmean = ClassMean(of="gmean", mean="weighted")
iba = ClassMean(of="iba", mean="weighted")
precision_macro = ClassMean(of="precision", mean="macro")
recall_macro = ClassMean(of="recall", mean="macro")
specificity_macro = ClassMean(of="specificity", mean="macro")
f1_macro = ClassMean(of="f1", mean="macro")
gmean_macro = ClassMean(of="gmean", mean="macro")
iba_macro = ClassMean(of="iba", mean="macro")
precision_weighted = ClassMean(of="precision", mean="weighted")
recall_weighted = ClassMean(of="recall", mean="weighted")
specificity_weighted = ClassMean(of="specificity", mean="weighted")
f1_weighted = ClassMean(of="f1", mean="weighted")
f1_minority = ClassMean(of="f1", mean="minority")
