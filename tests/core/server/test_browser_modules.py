"""Browser modules: names that change with their contents, and long caching."""

import gzip
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.server.browser_modules import BrowserModules
from tests.servers import ROOT

MODULES = ROOT / "pages/live"
COMPONENTS = [
    path.name for path in MODULES.glob("*.js") if "mount = mountOnce(" in path.read_text("utf-8")
]


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "one.js").write_text('import "./two.js";', "utf-8")
    (tmp_path / "two.js").write_text("export const two = '2';", "utf-8")
    (tmp_path / "secret.txt").write_text("no module", "utf-8")
    return tmp_path


def open_client(modules: BrowserModules, *prefixes: str) -> TestClient:
    return TestClient(Starlette(routes=modules.list_routes(prefixes or ("",))))


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_modules_are_sent_as_javascript_and_kept_for_good(folder, encoding):
    modules = BrowserModules(folder)
    address = f"/{modules.path}two.js"
    answer = open_client(modules).get(address, headers={"Accept-Encoding": encoding})
    assert answer.text == "export const two = '2';"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers.get("content-encoding", "identity") == encoding


@pytest.mark.parametrize("name", ["secret.txt", "three.js", "..%2Fsecret.txt", ""])
def test_nothing_else_of_the_folder_is_sent(folder, name):
    modules = BrowserModules(folder)
    assert open_client(modules).get(f"/{modules.path}{name}").status_code == 404


def test_a_change_of_one_module_changes_the_names_of_all(folder):
    before = BrowserModules(folder)
    (folder / "two.js").write_text("export const two = 2;", "utf-8")
    after = BrowserModules(folder)
    assert before.path != after.path
    client = open_client(after)
    assert client.get(f"/{before.path}one.js").status_code == 404
    assert client.get(f"/{after.path}one.js").status_code == 200


def test_modules_are_below_every_prefix(folder):
    modules = BrowserModules(folder)
    client = open_client(modules, "", "/lab")
    for prefix in ("/", "/lab/"):
        assert client.get(f"{prefix}{modules.path}one.js").status_code == 200


def list_imported(name: str) -> set[str]:
    """A module of the dashboard, and all that it imports."""
    found, waiting = set(), [name]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            text = (MODULES / module).read_text("utf-8")
            waiting += re.findall(r'(?:from|new URL\() ?"\./(\w+\.js)"', text)
    return found


@pytest.mark.parametrize("name", COMPONENTS)
def test_what_a_component_of_the_page_loads_is_at_most_sixty_kilobytes(name):
    modules = [(MODULES / module).read_bytes() for module in list_imported(name)]
    assert sum(len(gzip.compress(one)) for one in modules) <= 60_000


def test_each_module_of_the_dashboard_is_loaded_by_a_component():
    assert "reader.js" in COMPONENTS
    loaded = set().union(*map(list_imported, COMPONENTS))
    assert {path.name for path in MODULES.glob("*.js")} == loaded
