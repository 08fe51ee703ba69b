"""The Ray cluster: starts Ray on this machine, or joins a cluster of several machines.

Only sweeps and batch prediction need Ray; the server that shows the pages does not. Ray's usage
statistics and dashboard are switched off. This module does not know what is run on the cluster.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Ray's shared memory can be small, because only file names and counts go through it, no pictures.
OBJECT_STORE_BYTES = 150_000_000
# Folders of this repository that are not sent to the machines of a cluster.
EXCLUDED_FOLDERS = (".git", ".venv", "docs", "tests", "deploy", "shared")


class RayUnavailableError(RuntimeError):
    """Ray is not installed, or the cluster cannot be reached."""


@contextmanager
def join_cluster(
    address: str | None = None,
    *,
    workers: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Start Ray on this machine, or join a cluster, and leave it at the end.

    Args:
        address: of the head node of a cluster, as in ``10.0.0.1:6379``; None for this machine
            alone.
        workers: number of processes; None for one for each processor.
        environment: environment variables for the processes of a cluster, in addition to their own.

    Yields:
        How many processes can run at the same time.

    Raises:
        RayUnavailableError: Ray is not installed, or there is no cluster at the address.
        ValueError: there are fewer than one worker.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"There must be at least one worker, not {workers}.")
    if find_spec("ray") is None:
        raise RayUnavailableError(
            "Ray is not installed. Run pip install -r requirements.txt to install it."
        )
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray reads it when it is imported
    import ray  # noqa: PLC0415  slow to import, and needed only here

    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if address is None:
            ray.init(
                address="local",
                num_cpus=workers or os.cpu_count(),
                object_store_memory=OBJECT_STORE_BYTES,
                include_dashboard=False,
                **quiet,
            )
        else:
            runtime: dict[str, Any] = {"working_dir": str(ROOT), "excludes": [*EXCLUDED_FOLDERS]}
            runtime["env_vars"] = dict(environment or {})
            ray.init(address=address, runtime_env=runtime, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        failed = (
            "Ray could not be started on this machine"
            if address is None
            else f"The Ray cluster at {address} could not be joined"
        )
        raise RayUnavailableError(f"{failed}. Ray's message was: {error}") from error
    try:
        yield workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()
