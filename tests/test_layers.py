"""The server runs without TensorFlow; import-linter checks the other rules (see pyproject.toml)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_importing_the_app_and_running_every_page_leaves_tensorflow_out():
    script = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
import streamlit_app
app = AppTest.from_file("pages/router.py", default_timeout=60).run()
for page in sorted({*Path("pages").glob("*.py")} - {Path("pages/router.py")}):
    app.switch_page(page.name).run()
    assert not app.exception, (page, app.exception)
heavy = ("tensorflow", "keras", "ray")
print(sorted(name for name in sys.modules if name.split(".")[0] in heavy))
"""
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().endswith("[]")
