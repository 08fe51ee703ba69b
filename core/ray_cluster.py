"""The cluster: Ray's processes, on this machine alone or on several, started and left.

Ray is needed only where somebody trains, sweeps or reads in bulk; the page server knows nothing of
it. It sends no usage statistics from here, and opens no dashboard.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# What goes through Ray's shared memory here is small: names of files and counts, no pictures.
OBJECT_STORE_BYTES = 150_000_000
# What a machine of the cluster needs of this repository is the rest.
LEFT_OUT = (".git", ".venv", "docs", "tests", "deploy", "shared")


class RayUnavailableError(RuntimeError):
    """Ray is not installed, or the cluster cannot be reached."""


@contextmanager
def join_cluster(
    address: str | None = None,
    *,
    workers: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Start Ray on this machine, or join the cluster at an address, and leave it at the end.

    Args:
        address: of a cluster's head, as in ``10.0.0.1:6379``; None for this machine alone.
        workers: how many processes; None for one a processor.
        environment: variables that the cluster's processes get besides their own.

    Yields:
        How many processes there may be at once.

    Raises:
        RayUnavailableError: Ray is not installed, or nothing answers at the address.
        ValueError: there are fewer than one worker.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"expected at least one worker, got {workers}")
    if find_spec("ray") is None:
        raise RayUnavailableError(
            "expected the package ray, which is not installed; run pip install -r requirements.txt"
        )
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # before it is imported
    import ray  # noqa: PLC0415  only those who need it wait for it

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
            setting: dict[str, Any] = {"working_dir": str(ROOT), "excludes": [*LEFT_OUT]}
            setting["env_vars"] = dict(environment or {})
            ray.init(address=address, runtime_env=setting, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise RayUnavailableError(
            f"expected a cluster at {address or 'this machine'}, Ray says: {error}"
        ) from error
    try:
        yield workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()
