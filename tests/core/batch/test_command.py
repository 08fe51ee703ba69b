"""The command of batch prediction by both of its names."""

import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.parametrize("module", ["core.batch", "core.inference.batch"])
def test_the_command_runs_by_its_name_and_by_its_former_name(module, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", module, tmp_path / "missing", tmp_path / "out"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "does not exist" in ended.stderr
    assert "Traceback" not in ended.stderr
