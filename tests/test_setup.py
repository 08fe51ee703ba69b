"""The installation: what is pinned for each Python and machine, and the commands of make."""

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from core.training import __main__ as training
from tests.deployment.image import list_steps
from tests.required import BROWSER, MNIST, NGINX, POSTGRESQL, skip_unless_required
from tests.test_layers import ROOT

LOCK_FILES = [
    "requirements-serve.txt",
    "requirements.txt",
    "requirements-train.txt",
    "requirements-dev.txt",
]
TRAINING_ONLY = {"tensorflow", "keras", "h5py"}
INTEL_MAC = {"sys_platform": "darwin", "platform_machine": "x86_64"}
# What stands for a machine's own programs below are shell scripts.
NEEDS_SHELL = pytest.mark.skipif(os.name == "nt", reason="Windows runs no shell scripts")
# A Python that says it is of another version.
PYTHON = """exec {python} -c "import types, sys as real
sys = types.SimpleNamespace(version_info={version}, executable='/python', exit=real.exit)
${{2#import sys; }}"
"""


def list_targets() -> list[str]:
    return re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def read_lock(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    requirements = (Requirement(line) for line in lines if line[:1].isalpha())
    return {requirement.name: requirement for requirement in requirements}


def list_installed(name: str, **environment: str) -> set[str]:
    return {
        requirement.name
        for requirement in read_lock(name).values()
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }


def run(words: Sequence[str], path: Path | None = None) -> subprocess.CompletedProcess:
    """Run a program, and let it find those of a folder before all others."""
    folders = [str(path), os.environ["PATH"]] if path else [os.environ["PATH"]]
    environment = os.environ | {"PATH": os.pathsep.join(folders)}
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def make(*words: str, path: Path | None = None) -> subprocess.CompletedProcess:
    """Run make as from a terminal, whether or not these tests are run by make."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            patch.delenv(name, raising=False)
        return run(["make", *words], path)


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_python_gets_everything_and_tensorflow_where_it_has_a_wheel(version):
    environment = {"python_version": version, "python_full_version": f"{version}.0"}
    installed = list_installed("requirements-train.txt", **environment)
    assert {"streamlit", "ai-edge-litert", "fastapi", "ray", "scikit-learn"} <= installed
    assert installed & TRAINING_ONLY == (set() if version == "3.14" else TRAINING_ONLY)


@pytest.mark.parametrize("name", ["requirements-serve.txt", "requirements.txt"])
def test_what_serves_and_predicts_needs_no_tensorflow(name):
    pinned = read_lock(name)
    assert "streamlit" in pinned
    assert not TRAINING_ONLY & pinned.keys()
    assert ("ray" in pinned) == (name == "requirements.txt")


@pytest.mark.parametrize(("smaller", "larger"), [*itertools.pairwise(LOCK_FILES)])
def test_each_lock_file_holds_the_same_versions_as_the_one_before(smaller, larger):
    versions = {name: str(pin.specifier) for name, pin in read_lock(larger).items()}
    for name, pin in read_lock(smaller).items():
        assert versions[name] == str(pin.specifier), name


@pytest.mark.parametrize("name", LOCK_FILES)
def test_a_lock_file_pins_everything_and_names_no_host(name):
    assert all(pin.url or str(pin.specifier).startswith("==") for pin in read_lock(name).values())
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", (ROOT / name).read_text())


@pytest.mark.parametrize("name", LOCK_FILES)
def test_pip_names_the_reason_on_a_mac_with_an_intel_processor(name):
    refusal = read_lock(name)["digitlab"]
    assert "Intel" in refusal.url
    assert refusal.marker.evaluate(INTEL_MAC)
    assert not refusal.marker.evaluate(INTEL_MAC | {"platform_machine": "arm64"})
    assert not refusal.marker.evaluate(INTEL_MAC | {"sys_platform": "linux"})
    assert not Path(refusal.url.removeprefix("file://")).exists()


@NEEDS_SHELL
def test_make_without_a_target_lists_every_command():
    listed = [line.split()[:2] for line in make().stdout.splitlines()]
    assert listed == [["make", target] for target in list_targets()]
    assert ["make", "run"] in listed


@NEEDS_SHELL
def test_make_refuses_a_mac_with_an_intel_processor_before_it_installs(tmp_path):
    write_program(tmp_path / "uname", "echo Darwin x86_64")
    done = make("--dry-run", "--always-make", "run", path=tmp_path)
    assert done.returncode
    assert "does not run on Macs with an Intel processor" in done.stderr
    assert "install" not in done.stdout


@NEEDS_SHELL
@pytest.mark.parametrize(
    ("version", "chosen"), [((3, 10), "3.13"), ((3, 11), "/python"), ((3, 14), "/python")]
)
def test_uv_brings_a_python_where_that_of_the_machine_does_not_serve(tmp_path, version, chosen):
    write_program(tmp_path / "uv", 'echo "uv $@"')
    write_program(tmp_path / "python3", PYTHON.format(python=sys.executable, version=version))
    recipe = make("--dry-run", "--always-make", ".venv/pyvenv.cfg", path=tmp_path).stdout
    assert run(["sh", "-c", recipe], tmp_path).stdout == f"uv venv --seed --python {chosen} .venv\n"


@NEEDS_SHELL
def test_without_uv_a_python_that_does_not_serve_is_refused(tmp_path):
    write_program(tmp_path / "python3", PYTHON.format(python=sys.executable, version=(3, 10)))
    done = make("--always-make", ".venv/pyvenv.cfg", "UV=", path=tmp_path)
    assert done.returncode
    assert "Digit Lab needs Python 3.11 to 3.14" in done.stderr


def test_the_makefile_and_the_dockerfile_set_the_same_variables_for_memory():
    exported = re.findall(
        r"^export (\w+) \?= (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert {"ARROW_DEFAULT_MEMORY_POOL"} == {name for name, _ in exported}
    in_image = dict(word.split("=", 1) for step in list_steps("ENV") for word in step.split())
    for name, value in exported:
        assert in_image[name] == value


def test_the_workflow_calls_the_makefile_on_every_python_and_system():
    jobs = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))["jobs"]
    called = {}
    for name, job in jobs.items():
        lines = "\n".join(step.get("run", "") for step in job["steps"]).splitlines()
        called[name] = " ".join(line[5:] for line in lines if line.startswith("make ")).split()
    assert called["linux"] == ["lint", "mnist", "test", "test-browser", "test-deployment"]
    assert called["windows"] == ["mnist", "test"]
    assert called["container"] == ["image"]
    assert {*called["linux"], *called["container"]} <= {*list_targets()}
    assert jobs["linux"]["strategy"]["matrix"]["python"] == ["3.11", "3.13", "3.14"]


def test_the_workflow_and_the_check_of_the_project_skip_nothing_in_silence():
    workflow, check = (
        (ROOT / name).read_text("utf-8") for name in (".github/workflows/check.yml", ".ci/run")
    )
    for variable in (MNIST, BROWSER, POSTGRESQL, NGINX):
        assert f'{variable}: "1"' in workflow
        assert f"{variable}=1" in check


@pytest.mark.parametrize("ending", [pytest.skip.Exception, pytest.fail.Exception])
def test_what_a_machine_lacks_fails_where_it_is_required(monkeypatch, ending):
    monkeypatch.setenv(MNIST, "1" if ending is pytest.fail.Exception else "")
    with pytest.raises(ending, match="MNIST is not here"):
        skip_unless_required(MNIST, "MNIST is not here")


@pytest.mark.parametrize("words", [["lenet5"], ["--all"], ["sweep", "lenet5"]])
def test_the_training_commands_explain_that_tensorflow_is_missing(monkeypatch, capsys, words):
    monkeypatch.setattr(training, "can_train", lambda: False)
    assert training.main(words) == 1
    assert capsys.readouterr().err.startswith("Training needs TensorFlow")
