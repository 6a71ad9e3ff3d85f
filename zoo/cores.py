"""The CPU cores that a process may use, and how its threads share them with other programs."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

CGROUPS, OWN_CGROUP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
THREADS = "OMP_NUM_THREADS"
SPINNING = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
"""The variables with which users say how OpenMP's threads wait."""
SPINS = 2000
"""How often a thread of OpenMP looks whether the others are done before it sleeps.

The library's own number keeps it looking for milliseconds. On a machine with other programs, the thread that it waits
for often cannot run meanwhile. `benchmarks/busy_machine.py` measures it.
"""
_set_here: set[str] = set()


def usable_cores() -> int:
    """Return how many CPU cores this process may use: those it is bound to, or fewer if its container has a quota."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cpu_quota()
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

    Sets variables that OpenMP reads when it is loaded, unless the user has set them.
    """
    chosen = {}
    if not any(name in environment for name in SPINNING):
        chosen["GOMP_SPINCOUNT"] = str(SPINS)
    if cpu_quota() is not None:  # OpenMP does not know of it, and would start a thread for each core of the machine
        chosen[THREADS] = str(usable_cores())
    for name, value in chosen.items():
        if name not in environment:
            environment[name] = value
            _set_here.add(name)


def users_environment() -> Mapping[str, str]:
    """Return the environment without the variables that `share_cores` has set."""
    return {name: value for name, value in os.environ.items() if name not in _set_here}
