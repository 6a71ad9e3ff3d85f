"""SLURM options of a grid, as submitit's parameters."""

from __future__ import annotations

import shutil
from typing import Any

from zoo.config.grid_config import ExecutionConfig
from zoo.config.values import parse
from zoo.errors import MissingExtraError, UsageError, look_up

PARAMETERS: dict[str, tuple[str, Any]] = {
    "partition": ("slurm_partition", str),
    "account": ("slurm_account", str),
    "qos": ("slurm_qos", str),
    "constraint": ("slurm_constraint", str),
    "minutes": ("timeout_min", int),
    "gpus": ("gpus_per_node", int),
    "cpus": ("cpus_per_task", int),
    "memory": ("mem_gb", float),
}
"""Each SLURM option's parameter in submitit, and its type. Memory is in GB."""
MINUTES = {"slurm": 240, "submitit-local": 30 * 24 * 60}
"""Default time limit. After it a job is queued again and resumed; by submitit's local executor at most six times."""


def submitit_parameters(execution: ExecutionConfig) -> dict[str, Any]:
    """Return submitit's parameters; an error is raised if it or SLURM is missing, or an option is not valid."""
    try:
        import submitit  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("submitit", extra="cluster") from error
    if execution.on == "slurm" and shutil.which("srun") is None:
        raise UsageError("there is no SLURM on this machine (no srun)", hint="use --on here or --on submitit-local")
    found: dict[str, Any] = {"timeout_min": MINUTES[execution.on], "name": "zoo", "stderr_to_stdout": True}
    for name, value in execution.slurm.items():
        parameter, kind = look_up("SLURM option", name, PARAMETERS)
        try:
            found[parameter] = parse(str(value), kind)
        except ValueError as error:
            raise UsageError(f"SLURM option {name} {error}") from error
    return found
