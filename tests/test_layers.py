"""The house rules: which floor may import which, and who may import TensorFlow or Streamlit."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# From the top floor down; a file imports only from floors below its own, or from its own package.
FLOORS = [
    "streamlit_app",
    "pages",
    "pages.widgets",
    "core.api",
    "core.figures",
    "core.training",
    "core.runs",
    "core.analysis",
    "core.inference",
    "core.drawings",
    "core.digits",
    "core.artifacts",
    "core.archives",
    "core.ray_cluster",
]
SOURCES = sorted(
    path
    for top in ("core", "pages", "streamlit_app.py")
    for path in ([ROOT / top] if top.endswith(".py") else (ROOT / top).rglob("*.py"))
)


def name_module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def list_imports(path: Path) -> set[str]:
    imports = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return imports


def find_floor(module: str) -> int | None:
    floors = [i for i, floor in enumerate(FLOORS) if f"{module}.".startswith(f"{floor}.")]
    return max(floors, key=lambda i: len(FLOORS[i])) if floors else None


@pytest.mark.parametrize("path", SOURCES, ids=name_module)
def test_a_file_imports_only_from_floors_below_its_own(path: Path):
    own = find_floor(name_module(path))
    if own is None:  # the core package itself
        assert not any(find_floor(name) is not None for name in list_imports(path))
        return
    for name in list_imports(path):
        floor = find_floor(name)
        assert floor is None or floor >= own, f"{name} stands above {FLOORS[own]}"


@pytest.mark.parametrize("path", SOURCES, ids=name_module)
def test_core_never_imports_streamlit_and_only_training_imports_tensorflow(path: Path):
    module, tops = name_module(path), {name.split(".")[0] for name in list_imports(path)}
    if module.startswith("core"):
        assert "streamlit" not in tops
    if not module.startswith(("core.training", "core.batch", "core.ray_cluster")):
        assert "ray" not in tops
    if not module.startswith("core.training"):
        assert not tops & {"tensorflow", "keras"}
        assert not any(name.startswith("core.training") for name in list_imports(path))


def test_importing_the_app_and_running_every_page_leaves_tensorflow_out():
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("pages/router.py", default_timeout=60).run()
from pathlib import Path
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


def test_what_serves_needs_no_tensorflow():
    pinned = (ROOT / "requirements-serve.txt").read_text("utf-8")
    assert "streamlit==" in pinned
    assert "tensorflow" not in pinned
    assert "keras" not in pinned
    assert "\nray==" not in pinned
    # Both environments run the same versions of what they share.
    full = set((ROOT / "requirements.txt").read_text("utf-8").splitlines())
    assert {line for line in pinned.splitlines() if "==" in line} <= full
