"""The Models and Training curves pages: sources of figures, and models with damaged files."""

import pytest

from core.models.files import DEFAULT_MODEL_IDS, LITERT_FILE, VALIDATION_CONFUSIONS_FILE
from tests.artifacts import copy_models
from tests.pages.conftest import open_page


def read_captions(name: str, **query: str) -> str:
    return " ".join(caption.value for caption in open_page(name, **query).caption)


def test_published_figures_name_a_student_project_and_for_lenet5_the_paper_too():
    captions = read_captions("models.py", model="LeNet-5")
    assert "reported by a student project" in captions
    assert "Published: 98.93% by the student dashboard with LeNet-5" in captions
    assert "99.05% by Y. LeCun" in captions
    assert "Y. LeCun" not in read_captions("models.py", model="MLP")


def test_the_page_says_what_the_pen_digits_were_used_for():
    captions = read_captions("models.py")
    assert "No model was trained on them" in captions
    assert "they were used to choose the training recipes and the pen width" in captions


@pytest.mark.parametrize(
    ("name", "file", "query"),
    [
        ("models.py", LITERT_FILE, {"view": "Weights"}),
        ("models.py", LITERT_FILE, {"view": "Feature maps"}),
        ("curves.py", VALIDATION_CONFUSIONS_FILE, {"growing": "LeNet-5"}),
    ],
)
@pytest.mark.usefixtures("fresh_caches")
def test_a_damaged_file_is_a_sentence_beside_the_rest_of_the_page(
    monkeypatch, tmp_path, name, file, query
):
    models = copy_models(tmp_path / "models", monkeypatch, *DEFAULT_MODEL_IDS)
    path = models / "lenet5" / file
    path.write_bytes(path.read_bytes()[::-1])
    app = open_page(name, **query)
    assert not app.exception
    (error,) = app.error
    assert f"{file} of lenet5" in error.value
    assert app.get("plotly_chart")
