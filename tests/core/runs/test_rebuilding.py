"""The process that rebuilds a model, with one that rebuilds nothing."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# Says that it has begun, and ends when its input does.
REBUILDER = """
import sys
from pathlib import Path
place = Path(sys.argv[1])
(place / "begun").touch()
sys.stdin.read()
(place / "ended").touch()
"""
SERVER = """
import sys
from pathlib import Path
from core.runs import rebuilding
rebuilding.can_train = lambda: True
rebuilding.REBUILDER = (sys.executable, "-c", sys.argv[2])
rebuilding.rebuild_model(Path(sys.argv[1]))
"""


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of other systems")
def test_it_ends_with_a_server_that_is_killed_and_not_before(tmp_path: Path):
    server = subprocess.Popen([sys.executable, "-c", SERVER, tmp_path, REBUILDER])
    wait_until((tmp_path / "begun").exists)
    assert server.poll() is None
    assert not (tmp_path / "ended").exists()
    server.kill()
    server.wait()
    wait_until((tmp_path / "ended").exists)
