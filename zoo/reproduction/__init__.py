"""Reproductions: every row of a paper's table trained and evaluated, with the paper's numbers beside the measured."""

from zoo.reproduction.reproduce import Reproduction, reproduce, reproduce_from, reproduction_config, resume_reproduction

__all__ = ["Reproduction", "reproduce", "reproduce_from", "reproduction_config", "resume_reproduction"]
