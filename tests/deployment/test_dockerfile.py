"""The Dockerfile: linted, its steps carried out in a folder, and what comes of them started."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.deployment.image import DOCKERFILE, Container, Image, list_steps
from tests.servers import ROOT

# 920 MB, of which decoding HEIC takes 23 MB.
MAX_BYTES = 950e6
# Opens every page in the image's own Python, where AppTest comes with Streamlit.
OPEN_PAGES = """
import json, pathlib, psycopg, re
from streamlit.testing.v1 import AppTest
pages = {}
for page in sorted({*pathlib.Path("pages").glob("*.py")} - {pathlib.Path("pages/router.py")}):
    app = AppTest.from_file("pages/router.py", default_timeout=60).run()
    app.switch_page(page.name).run()
    pages[page.name] = [[one.value for one in app.title], [one.value for one in app.exception]]
libraries = sorted(set(re.findall("/.*[.]so.*", pathlib.Path("/proc/self/maps").read_text())))
print(json.dumps({"pages": pages, "libraries": libraries}))
"""
# What python:slim has of Debian's libraries: those of apt, and those of Python itself. Pillow asks
# for fribidi when it is there, and sets text from left to right where it is not.
SLIM_LIBRARIES = re.compile(
    r"(ld-linux|lib(c|dl|m|pthread|rt|util|resolv|nss_\w+|gcc_s|stdc\+\+|z|bz2|lzma|uuid"
    r"|crypto|expat|ffi|fribidi|ncursesw|readline|sqlite3|ssl|tinfo))[.-].*"
)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with tempfile.TemporaryDirectory(prefix="digitlab-image-") as folder:
        yield Image(Path(folder))


@pytest.fixture(scope="module")
def container(image: Image) -> Iterator[Container]:
    container = image.start()
    container.wait_for_health()
    yield container
    container.stop()


@pytest.fixture(scope="module")
def opened(image: Image) -> dict[str, Any]:
    """What came of opening all pages."""
    return json.loads(image.run("python", "-c", OPEN_PAGES).splitlines()[-1])


def test_hadolint_finds_nothing():
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)
    found = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_it_runs_as_a_user_of_its_own_who_owns_the_home_directory_alone():
    (user,) = list_steps("USER")
    assert int(user) > 0
    (made,) = (one.split() for one in list_steps("RUN") if one.startswith("useradd "))
    assert made[made.index("--uid") + 1] == user
    assert [made[made.index("--home-dir") + 1]] == list_steps("VOLUME")
    assert not any("--chown" in one for one in list_steps("COPY"))


def test_the_base_is_slim_and_of_one_version():
    (base,) = list_steps("FROM")
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", base)


def test_docker_is_sent_what_is_copied_and_nothing_else():
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert let_in == {step.split()[0].rstrip("/") for step in list_steps("COPY")}


def test_what_trains_is_not_installed(image):
    names = ("tensorflow", "keras", "torch", "jax")
    code = f"import importlib.util as u; print([n for n in {names} if u.find_spec(n)])"
    assert image.run("python", "-c", code) == "[]\n"


def test_it_takes_less_than_950_megabytes(image):
    assert sum(image.list_files().values()) < MAX_BYTES


def test_every_page_opens(opened):
    assert sorted(opened["pages"]) == sorted(
        one.name for one in (ROOT / "pages").glob("*.py") if one.name != "router.py"
    )
    for page, (titles, exceptions) in opened["pages"].items():
        assert len(titles) == 1, page
        assert not exceptions, page


def test_it_needs_no_library_that_a_slim_image_lacks(image, opened):
    own = (str(image.python), sys.base_prefix)
    libraries = [one for one in opened["libraries"] if not one.startswith(own)]
    assert libraries
    assert not [one for one in libraries if not SLIM_LIBRARIES.fullmatch(Path(one).name)]


def test_it_honours_the_port_and_is_unhealthy_elsewhere(image, container):
    assert container.is_healthy()
    assert not Container(image, container.process, "9").is_healthy()
    with urllib.request.urlopen(f"http://127.0.0.1:{container.port}/", timeout=10) as page:
        assert b"<title>" in page.read()


@pytest.mark.usefixtures("container", "opened")
def test_it_writes_nothing_but_below_the_home_directory(image):
    assert image.list_files() == image.files_when_made
    assert list(image.home.rglob("drawings.sqlite3"))


def test_the_signal_to_stop_reaches_it(image):
    container = image.start()
    container.wait_for_health()
    assert "streamlit" in " ".join(psutil.Process(container.process.pid).cmdline())
    container.stop()
    assert not container.is_healthy()
