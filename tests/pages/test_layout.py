"""The layout of ``pages/``: who imports a widget or a part, and what a page's file consists of."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def list_modules(root: Path) -> dict[str, Path]:
    """The files below ``pages/``, by the names of their modules; packages are left out."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): path
        for path in sorted((root / "pages").rglob("*.py"))
        if path.name != "__init__.py"
    }


def list_imports(path: Path) -> set[str]:
    """The names of all modules that a file imports, at its top or inside a function."""
    imports = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name} imports by a relative path"
            imports |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return imports


def find_page(module: str) -> str | None:
    """The page that a module belongs to; None for a widget, which belongs to none."""
    names = module.split(".")
    if names[1] == "widgets":
        return None
    return names[2] if names[1] == "parts" else names[1]


def find_pages_of_widgets(root: Path) -> dict[str, set[str]]:
    """The pages that import each widget, directly or through other widgets."""
    modules = list_modules(root)
    importers = defaultdict(set)
    for module, path in modules.items():
        for name in list_imports(path):
            importers[name].add(module)
    return {
        module: _find_pages(module, importers, {module})
        for module in modules
        if find_page(module) is None
    }


def _find_pages(module: str, importers: dict[str, set[str]], seen: set[str]) -> set[str]:
    pages = set()
    for importer in importers[module] - seen:
        page = find_page(importer)
        seen.add(importer)
        pages |= {page} if page else _find_pages(importer, importers, seen)
    return pages


def find_widgets_of_one_page(root: Path) -> dict[str, set[str]]:
    """The widgets that fewer than two pages use, with those pages."""
    return {name: pages for name, pages in find_pages_of_widgets(root).items() if len(pages) < 2}


def find_borrowed_parts(root: Path) -> set[tuple[str, str]]:
    """A part and the module of another page, or the widget, that imports it."""
    modules = list_modules(root)
    parts = {module for module in modules if module.startswith("pages.parts.")}
    return {
        (part, module)
        for module, path in modules.items()
        for part in list_imports(path) & parts
        if find_page(module) != find_page(part)
    }


def test_two_pages_or_more_use_every_widget():
    assert find_pages_of_widgets(ROOT)
    assert find_widgets_of_one_page(ROOT) == {}


def test_a_part_is_imported_by_its_page_and_the_other_parts_of_that_page_only():
    assert find_borrowed_parts(ROOT) == set()


def test_a_folder_of_parts_has_a_page():
    folders = {
        path.name for path in (ROOT / "pages/parts").iterdir() if (path / "__init__.py").is_file()
    }
    assert folders
    assert folders <= {path.stem for path in (ROOT / "pages").glob("*.py")}


@pytest.fixture
def tree(tmp_path) -> Path:
    """Two pages that share the widget ``pad``; ``pad`` alone uses the widget ``pen``."""
    files = {
        "one.py": "from pages.parts.one.board import show\nimport pages.widgets.pad",
        "two.py": "def main():\n    from pages.widgets import pad",
        "parts/one/__init__.py": "",
        "parts/one/board.py": "",
        "widgets/__init__.py": "",
        "widgets/pad.py": "from pages.widgets.pen import WIDTH",
        "widgets/pen.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_a_widget_that_two_pages_use_through_another_widget_passes(tree):
    assert find_pages_of_widgets(tree)["pages.widgets.pen"] == {"one", "two"}
    assert find_widgets_of_one_page(tree) == {}
    assert find_borrowed_parts(tree) == set()


def test_a_widget_of_one_page_is_found(tree):
    (tree / "pages/widgets/brush.py").write_text("from pages.widgets.pad import draw", "utf-8")
    (tree / "pages/parts/one/board.py").write_text("from pages.widgets import brush", "utf-8")
    assert find_widgets_of_one_page(tree) == {"pages.widgets.brush": {"one"}}


def test_a_widget_of_no_page_is_found_even_where_widgets_import_each_other(tree):
    (tree / "pages/widgets/ink.py").write_text("import pages.widgets.paper", "utf-8")
    (tree / "pages/widgets/paper.py").write_text("import pages.widgets.ink", "utf-8")
    unused = {"pages.widgets.ink": set(), "pages.widgets.paper": set()}
    assert find_widgets_of_one_page(tree) == unused


@pytest.mark.parametrize("borrower", ["two.py", "widgets/pad.py"])
def test_a_part_that_another_page_or_a_widget_imports_is_found(tree, borrower):
    (tree / "pages" / borrower).write_text("from pages.parts.one import board", "utf-8")
    module = "pages." + borrower.removesuffix(".py").replace("/", ".")
    assert ("pages.parts.one.board", module) in find_borrowed_parts(tree)


PAGES = sorted((ROOT / "pages").glob("*.py"))
GUARD = """if __name__ == '__main__':
    main()"""


def find_effects(source: str) -> list[str]:
    """The statements of a page's file that do something when it is imported.

    Allowed are a docstring, imports, definitions, constants in capitals, and the call of ``main``
    at the end, which runs when Streamlit runs the page.
    """
    body = ast.parse(source).body
    assert ast.unparse(body[-1]) == GUARD
    return [ast.unparse(node) for node in body[1:-1] if not _is_definition(node)]


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [name.id for target in targets for name in ast.walk(target)
                 if isinstance(name, ast.Name)]  # fmt: skip
        return all(name.isupper() for name in names)
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    return isinstance(node, kinds)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_a_main_and_what_it_calls_with_no_effect_on_import(path):
    source = path.read_text("utf-8")
    assert find_effects(source) == []
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert functions[0].name == "main"


def test_a_call_and_a_variable_at_the_top_of_a_page_are_found():
    source = "'''A page.'''\nLIMIT = 3\ncards = load()\nst.title('A')\n" + GUARD
    assert find_effects(source) == ["cards = load()", "st.title('A')"]
