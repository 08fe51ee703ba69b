"""README and docs say what is so: figures, links, folders, commands, variables."""

import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.figures import FIGURES
from tests.docs.reports import BENCHMARKS, ROOT
from tests.docs.write_figures import BLOCK, fill_blocks, list_pages, remove_blocks

PAGES = list_pages()
README = ROOT / "README.md"
SUBJECTS = ("results", "api", "deployment", "cluster", "architecture", "reference", "security")
MAX_README_LINES = 180
CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# A number with a unit, as measurements have one.
FIGURE = re.compile(
    r"\d[\d.,]*\s?(?:%|(?:ms|s|seconds?|minutes?|hours?|[kMG]B|megapixels?|times|points?)\b)"
)
# Figures that nothing here measures: of statistics, of other people, of files elsewhere.
ALLOWED = {
    "architecture.md": {"95 %"},
    "deployment.md": {"1 GB"},  # test_the_memory_of_a_replica_is_that_of_compose_yaml
    "reference.md": {"11 MB"},  # of the file that pooch downloads
    "results.md": {"95 %", "0.95 %", "0.8 %"},
}
# Names of variables that stand for several.
PREFIXES = {"DIGITLAB_API_MAX_", "DIGITLAB_REQUIRE_"}


def read(page: Path) -> str:
    return page.read_text("utf-8")


def name_page(page: Path) -> str:
    return page.name


each_page = pytest.mark.parametrize("page", PAGES, ids=name_page)


def list_code(page: Path) -> list[str]:
    """What the page shows as code: lines of blocks, and words in backticks."""
    text = read(page)
    blocks = CODE_BLOCK.findall(text)
    lines = [line for block in blocks for line in block.splitlines()[1:-1]]
    return [*lines, *CODE.findall(CODE_BLOCK.sub("", text))]


def list_anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    headings = re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


def list_tree() -> Iterator[Path]:
    """What the tree in the README names, but for placeholders such as ``<page>``."""
    tree = next(one for one in CODE_BLOCK.findall(read(README)) if "streamlit_app.py" in one
                and "core/" in one)  # fmt: skip
    folder = ""
    for line in tree.splitlines()[1:-1]:
        name = line.split()[0]
        if not line.startswith(" "):
            folder = name
            yield ROOT / name.partition("<")[0]
        else:
            yield ROOT / folder / name.partition("<")[0]


@each_page
def test_the_figures_are_those_of_the_cards_and_reports(page):
    assert fill_blocks(read(page)) == read(page), "run make docs"


def test_all_figures_are_shown_somewhere():
    shown = {block["name"] for page in PAGES for block in BLOCK.finditer(read(page))}
    assert shown == set(FIGURES)


@each_page
def test_no_figure_is_written_by_hand(page):
    text = CODE.sub("", CODE_BLOCK.sub("", remove_blocks(read(page))))
    assert set(FIGURE.findall(text)) <= ALLOWED.get(page.name, set())


@each_page
def test_every_link_leads_somewhere(page):
    for link in LINK.findall(CODE_BLOCK.sub("", read(page))):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in list_anchors(target), link


def test_each_subject_has_a_page_that_the_readme_links():
    assert {page.stem for page in PAGES} >= set(SUBJECTS)
    links = set(LINK.findall(read(README)))
    assert {f"docs/{subject}.md" for subject in SUBJECTS} <= links


def test_the_readme_is_short():
    assert len(read(README).splitlines()) <= MAX_README_LINES


def test_the_tree_shows_what_there_is():
    named = set(list_tree())
    assert all(path.exists() for path in named), [str(p) for p in named if not p.exists()]
    folders = {path for path in (ROOT / "core").iterdir() if (path / "__init__.py").exists()}
    assert folders <= named


@each_page
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([\w-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {
        target
        for code in list_code(page)
        for words in re.findall(r"\bmake((?: [a-z-]+)+)", code)
        for target in words.split()
    }
    assert named <= targets


def test_the_reference_describes_every_make_target():
    targets = set(re.findall(r"^([\w-]+):.*  ## ", read(ROOT / "Makefile"), re.MULTILINE))
    described = re.findall(r"^\| `make ([\w-]+)`", read(ROOT / "docs/reference.md"), re.MULTILINE)
    assert sorted(targets - {"help"}) == sorted(described)


@each_page
def test_every_module_that_is_run_exists(page):
    for code in list_code(page):
        for module in re.findall(r"python -m ([\w.]+)", code):
            if module == "venv":
                continue
            found = importlib.util.find_spec(module)
            assert found is not None, module
            if found.submodule_search_locations:
                assert importlib.util.find_spec(f"{module}.__main__"), module


@each_page
def test_every_file_that_is_named_exists(page):
    for code in list_code(page):
        for path in re.findall(r"^(?:core|pages|tests|deploy|docs|artifacts)/[\w./-]+$", code):
            assert (ROOT / path).exists(), path


@each_page
def test_every_variable_that_is_named_exists(page):
    sources = "\n".join(read(path) for path in list_sources())
    named = set(re.findall(r"DIGITLAB_[A-Z_]+", read(page))) - PREFIXES
    for variable in named:
        assert variable in sources or variable.startswith("DIGITLAB_API_MAX_"), variable


def test_every_variable_is_described():
    described = read(ROOT / "docs/reference.md")
    used = {
        variable
        for path in list_sources()
        for variable in re.findall(r"\bDIGITLAB_[A-Z_]*[A-Z]\b", read(path))
    }
    assert used
    for variable in used:
        prefixed = any(variable.startswith(prefix) for prefix in ("DIGITLAB_API_",))
        assert prefixed or f"`{variable}`" in described, variable


def list_sources() -> Iterator[Path]:
    """Files that read or set variables of the environment."""
    for folder in ("core", "pages", "tests"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if path != Path(__file__))
    yield from (ROOT / name for name in ("compose.yaml", "Dockerfile", "Makefile"))
    yield ROOT / "deploy/example.env"


def test_every_page_of_the_dashboard_is_in_the_readme():
    titles = re.findall(r'st\.Page\([^)]*title="([^"]+)"', read(ROOT / "pages/router.py"))
    assert len(titles) > 10
    assert re.findall(r"^\| \*\*(.+?)\*\* \|", read(README), re.MULTILINE)[: len(titles)] == titles


@pytest.mark.parametrize(
    "file",
    ["requirements-serve.in", "requirements.in", "requirements-train.in", "requirements-dev.in"],
)
def test_every_direct_dependency_says_why_it_is_there(file):
    lines = [line.strip() for line in read(ROOT / file).splitlines()]
    packages = [line for line in lines if line and not line.startswith(("-", "#"))]
    assert packages
    for package in packages:
        assert re.search(r"\s# \w", package), package


def test_the_memory_of_a_replica_is_that_of_compose_yaml():
    assert "${DIGITLAB_MEMORY:-1g}" in read(ROOT / "compose.yaml")


@pytest.mark.parametrize("report", sorted(BENCHMARKS.glob("*.md")), ids=name_page)
def test_every_report_begins_as_its_benchmark_writes_it(report):
    bench = importlib.import_module(f"tests.benchmarks.bench_{report.stem}")
    text = read(report)
    assert text.startswith(bench.write_introduction())
    assert "\nMeasured on " in text
