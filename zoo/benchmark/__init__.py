"""Benchmarks: published protocols with questions, trained on the data that users have, and answered with intervals."""

from zoo.benchmark.protocol import Part, Protocol, protocols, read_protocol

__all__ = ["Part", "Protocol", "protocols", "read_protocol"]
