"""What a machine may lack: its tests are skipped, or fail where a variable requires them."""

import os
from typing import NoReturn

import pytest

MNIST = "DIGITLAB_REQUIRE_MNIST"
BROWSER = "DIGITLAB_REQUIRE_BROWSER"
POSTGRESQL = "DIGITLAB_REQUIRE_POSTGRESQL"
NGINX = "DIGITLAB_REQUIRE_NGINX"


def skip_unless_required(variable: str, reason: str) -> NoReturn:
    """End a test for the lack of something: as skipped, or as failed if the variable is set."""
    if os.environ.get(variable):
        pytest.fail(f"{reason} ({variable} is set)")
    pytest.skip(reason)
