"""What plugins and registry files declare: architectures, data sources, augmentations, models, papers and the like.

This package does not import torch, so that declarations are read quickly.
"""

from zoo.spec.architecture import Architecture, ImageSize, Preprocessing, Pretrained, TimmModel
from zoo.spec.augmentation import Augmentation
from zoo.spec.choices import Choice, Fit, Head, Layout, Precision
from zoo.spec.command import Command
from zoo.spec.data_source import Archive, Source
from zoo.spec.entry import Entry, Paper, ReportedData
from zoo.spec.explanation_method import ExplanationMethod
from zoo.spec.exporter import Exporter
from zoo.spec.measure import Measure, MeasureScale, RestsOn
from zoo.spec.option import Option, Scalar

__all__ = [
    "Architecture",
    "Archive",
    "Augmentation",
    "Choice",
    "Command",
    "Entry",
    "ExplanationMethod",
    "Exporter",
    "Fit",
    "Head",
    "ImageSize",
    "Layout",
    "Measure",
    "MeasureScale",
    "Option",
    "Paper",
    "Precision",
    "Preprocessing",
    "Pretrained",
    "ReportedData",
    "RestsOn",
    "Scalar",
    "Source",
    "TimmModel",
]
