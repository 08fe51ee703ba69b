"""Known errors are sentences on the page, in fragments too; other errors stay errors."""

import ast
import re

import pytest
from streamlit.testing.v1 import AppTest

from core.digits.datasets import DamagedDatasetError, MnistUnavailableError
from core.drawings.drawing import StorageUnavailableError
from core.models.files import DEFAULT_MODEL_IDS, DamagedArtifactError
from tests.artifacts import DAMAGES, copy_models
from tests.pages.conftest import ROOT, open_page, read_ranking

KNOWN = [
    DamagedArtifactError,
    DamagedDatasetError,
    MnistUnavailableError,
    OSError,
    StorageUnavailableError,
]
# Fragments that compute nothing.
EMPTY_FRAGMENTS = {"request_run_on_reconnection"}
# Pages and tabs that need the database or MNIST.
VIEWS = [
    ("models.py", {"view": "Calibration", "calibration": "My drawings"}),
    ("models.py", {"view": "Calibration", "calibration": "MNIST test"}),
    ("confusion.py", {"data": "My drawings"}),
    ("errors.py", {"dataset": "My drawings"}),
    ("errors.py", {"dataset": "MNIST test", "show": "Suspected label errors"}),
    ("weak_spots.py", {"dataset": "My drawings"}),
    ("weak_spots.py", {"dataset": "MNIST test"}),
    ("compare.py", {"digits": "My drawings"}),
    ("compare.py", {"digits": "MNIST test"}),
    ("map.py", {"points": "My drawings"}),
    ("map.py", {"points": "MNIST test"}),
    ("robustness.py", {"dataset": "My drawings"}),
    ("robustness.py", {"dataset": "MNIST test", "live": "true"}),
    ("train.py", {}),
    ("drawings.py", {}),
]


def fail_in_a_fragment(error: Exception) -> None:
    import streamlit as st

    from pages.widgets.known_errors import show_known_errors

    @st.fragment
    @show_known_errors()
    def show() -> None:
        raise error

    show()
    st.markdown("The rest of the page.")


@pytest.mark.parametrize("kind", KNOWN)
def test_a_known_error_in_a_fragment_is_a_sentence_beside_the_rest_of_the_page(kind):
    app = AppTest.from_function(fail_in_a_fragment, args=(kind("it is damaged"),)).run()
    assert not app.exception
    assert [error.value for error in app.error] == ["It is damaged."]
    assert app.markdown[0].value == "The rest of the page."


def list_fragments() -> list[ast.FunctionDef]:
    """All functions of the pages that are decorated as fragments."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "pages").rglob("*.py")]
    return [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any("fragment" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]


def test_every_fragment_turns_known_errors_into_sentences():
    fragments = list_fragments()
    assert len(fragments) > len(EMPTY_FRAGMENTS)
    unguarded = {one.name for one in fragments if "show_known_errors" not in ast.unparse(one)}
    assert unguarded == EMPTY_FRAGMENTS


@pytest.mark.parametrize(("name", "query"), VIEWS)
@pytest.mark.usefixtures("fresh_caches")
def test_without_database_and_with_damaged_mnist_a_page_shows_sentences(
    monkeypatch, tmp_path, name, query
):
    (tmp_path / "mnist.npz").write_bytes(b"not MNIST" * 99)
    monkeypatch.setenv("DIGITLAB_MNIST", str(tmp_path / "mnist.npz"))
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", f"postgresql://anna@/drawings?host={tmp_path}")
    app = open_page(name, **query)
    assert not app.exception
    sentences = [element.value for element in [*app.error, *app.warning]]
    assert any(re.search("The (file mnist|database of saved)", text) for text in sentences)
    assert app.title


def test_an_error_that_is_not_known_is_not_hidden():
    app = AppTest.from_function(fail_in_a_fragment, args=(ValueError("a fault in the code"),)).run()
    assert app.exception[0].message == "a fault in the code"


@pytest.mark.parametrize("kind", KNOWN)
def test_a_model_that_cannot_be_loaded_is_a_sentence_below_the_pad(monkeypatch, kind):
    def fail(*_: object) -> None:
        raise kind("model.tflite of lenet5 is damaged")

    app = open_page("draw.py")
    monkeypatch.setattr("pages.parts.draw.server_answer.get_classifier", fail)
    app.button(key="sample").click().run()
    assert not app.exception
    assert [error.value for error in app.error] == ["Model.tflite of lenet5 is damaged."]
    assert app.title[0].value == "Draw digits"
    assert app.button(key="sample")  # the pad still works


@pytest.mark.parametrize(("damage", "sentence"), DAMAGES)
def test_while_one_model_is_damaged_the_others_predict(monkeypatch, tmp_path, damage, sentence):
    models = copy_models(tmp_path / "models", monkeypatch, *DEFAULT_MODEL_IDS)
    app = open_page("draw.py")
    damage("lenet5", models)
    app.button(key="sample").click().run()
    assert not app.exception
    assert not app.error
    assert list(read_ranking(app)) == ["Logistic regression", "MLP"]
    app.run()  # the fragment of the pad did not run the router
    assert app.warning[0].value.startswith(sentence)


def test_a_database_out_of_reach_is_a_sentence_on_collect(monkeypatch):
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", "sqlite:////dev/null/drawings.sqlite3")
    app = open_page("collect.py")
    assert not app.exception
    assert app.error[0].value.startswith("The folder of the database")
    assert app.title[0].value == "Collect your handwriting"
