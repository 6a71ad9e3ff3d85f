"""Benchmarks: published protocols with questions, trained on the data that users have, and answered with intervals."""

from zoo.benchmark.protocol import Part, Protocol, protocols, read_protocol
from zoo.benchmark.run_benchmark import Benchmark, run_benchmark

__all__ = ["Benchmark", "Part", "Protocol", "protocols", "read_protocol", "run_benchmark"]
