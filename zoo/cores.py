"""The CPU cores that a process may use, and how its threads share them with other programs."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

STATISTICS = Path("/proc/stat")
CGROUPS, OWN_CGROUP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
THREADS = "OMP_NUM_THREADS"
SPINNING = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
"""The variables with which users say how OpenMP's threads wait."""
SPINS = 2000
"""How often a thread of OpenMP looks whether the others are done before it sleeps, where `zoo.spinning` cannot decide.

The library's own number keeps it looking for milliseconds. In a container with a quota, that uses up the time of the
thread that it waits for.
"""
LEAST_WINDOW = 0.5
"""Over fewer seconds it is not measured what other programs use: processor time is counted in hundredths."""
_set_here: set[str] = set()


@dataclass(frozen=True, kw_only=True)
class ProcessorTime:
    """The seconds of processor time that were used until a moment."""

    at: float
    """The moment, in seconds."""
    every_program: float
    """On the cores that this process may use, since the machine was started."""
    own: float
    """Of this process and those that it has started and waited for."""

    @classmethod
    def now(cls, statistics: Path = STATISTICS) -> ProcessorTime | None:
        """Return the processor time until now; None where the system does not count it in this way.

        Args:
            statistics: The file with the time that each core has worked and rested, as Linux writes it.
        """
        try:
            rows = [line.split() for line in statistics.read_text(encoding="ascii").splitlines()]
            bound = {f"cpu{core}" for core in os.sched_getaffinity(0)}
            # user, nice, system, idle, waiting for a disk, interrupts (hard, soft)
            ticks = [[int(cell) for cell in row[1:8]] for row in rows if row and row[0] in bound]
            busy = sum(sum(core) - core[3] - core[4] for core in ticks) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError, IndexError, AttributeError):
            return None
        own = os.times()
        return cls(at=time.monotonic(), every_program=busy, own=sum(own[:4]))

    def used_by_others_since(self, start: ProcessorTime) -> float:
        """Return how many cores other programs have used since another moment."""
        used = (self.every_program - start.every_program) - (self.own - start.own)
        return max(0.0, used / (self.at - start.at))


_at_start: list[ProcessorTime] = []
"""The processor time when the command started; nothing where zoo is used from Python."""


def bound_cores() -> int:
    """Return how many CPU cores this process is bound to: all, if it is not bound to some."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def usable_cores() -> int:
    """Return how many CPU cores this process may use: those it is bound to, or fewer if its container has a quota."""
    bound, quota = bound_cores(), cpu_quota()
    return bound if quota is None else max(1, min(bound, math.ceil(quota)))


def cpu_quota(cgroups: Path = CGROUPS, own: Path = OWN_CGROUP) -> float | None:
    """Return the number of cores whose time this process may use, as its control groups limit it; None for no limit.

    Args:
        cgroups: Where the control groups are mounted.
        own: The file with the group of this process.
    """
    limits = []
    for folder in _groups(cgroups, own):
        with suppress(OSError, ValueError):
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
            if quota != "max":
                limits.append(int(quota) / int(period))
    with suppress(OSError, ValueError):  # version 1 of control groups
        quota_us = int((cgroups / "cpu" / "cpu.cfs_quota_us").read_text(encoding="ascii"))
        period_us = int((cgroups / "cpu" / "cpu.cfs_period_us").read_text(encoding="ascii"))
        if quota_us > 0:
            limits.append(quota_us / period_us)
    return min((limit for limit in limits if limit > 0), default=None)


def _groups(cgroups: Path, own: Path) -> Iterator[Path]:
    """Yield the folders of the control group of this process and of those that contain it."""
    yield cgroups
    with suppress(OSError, UnicodeDecodeError):
        for line in own.read_text(encoding="utf-8").splitlines():
            if line.startswith("0::/"):
                path = PurePosixPath(line[4:])
                yield from (cgroups / part for part in (path, *path.parents))


def share_cores(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let the threads of this process share the cores with other programs; called before torch is imported.

    Sets variables that OpenMP reads when it is loaded, unless the user has set them. From now on it is counted how much
    of the cores other programs use (`cores_used_by_others`).
    """
    now, quota = ProcessorTime.now(), cpu_quota()
    _at_start[:] = [now] if now and THREADS not in environment else []
    chosen = {}
    if (now is None or quota is not None) and not any(name in environment for name in SPINNING):
        chosen["GOMP_SPINCOUNT"] = str(SPINS)
    if quota is not None:  # OpenMP does not know of it, and would start a thread for each core of the machine
        chosen[THREADS] = str(usable_cores())
    for name, value in chosen.items():
        if name not in environment:
            environment[name] = value
            _set_here.add(name)


def cores_used_by_others() -> float | None:
    """Return how many cores other programs have used since the command started; None if that is not known.

    It is not where zoo is used from Python, and where the user has set the number of threads.
    """
    now = ProcessorTime.now()
    if not _at_start or now is None or now.at - _at_start[0].at < LEAST_WINDOW:
        return None
    return now.used_by_others_since(_at_start[0])


def threads_beside_others(threads: int, used: float) -> int:
    """Return how many threads to compute with beside other programs: one for each free core, and at least half of all.

    Threads wait for each other after every operation. So each one that shares its core with another program holds up
    all, and fewer threads are faster.

    Args:
        threads: How many there would be on a quiet machine.
        used: How many cores other programs use.
    """
    return min(threads, max(math.ceil(threads / 2), round(bound_cores() - used)))


def users_environment() -> Mapping[str, str]:
    """Return the environment without the variables that `share_cores` has set."""
    return {name: value for name, value in os.environ.items() if name not in _set_here}
