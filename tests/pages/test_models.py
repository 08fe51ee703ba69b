"""The Models and Training curves pages: sources of figures, and models with damaged files."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.models.card import Estimate
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    DEFAULT_MODEL_IDS,
    LITERT_FILE,
    ROBUSTNESS_FILE,
    VALIDATION_CONFUSIONS_FILE,
    list_model_ids,
    load_card,
)
from core.models.publish import replace_metrics
from pages.parts.curves.results import show_results
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
    assert "they were used to choose the training recipes, the pen width" in captions


@pytest.mark.usefixtures("fresh_caches")
def test_real_pictures_stand_beside_the_other_figures_where_they_were_measured(
    monkeypatch, tmp_path
):
    copy_models(tmp_path / "models", monkeypatch, *DEFAULT_MODEL_IDS)
    for model_id in DEFAULT_MODEL_IDS:  # as after a training
        replace_metrics(model_id, load_card(model_id).files[LITERT_FILE], "real_pictures_", {})
    app = open_page("models.py", model="LeNet-5")
    assert not app.exception
    assert "Real pictures" not in [metric.label for metric in app.metric]
    assert list_real_pictures(app) == [None, None, None]

    figures = {"accuracy": 0.96875, "photo_accuracy": 0.9375, "not_sure": 0.0625, "wrong": 0.03125}
    replace_metrics(
        "lenet5",
        load_card("lenet5").files[LITERT_FILE],
        "real_pictures_",
        {f"real_pictures_{name}": Estimate(one, 0.0, 1.0) for name, one in figures.items()},
    )
    app = open_page("models.py", model="LeNet-5")
    assert {metric.label: metric.value for metric in app.metric}["Real pictures"] == "96.9%"
    assert sorted(list_real_pictures(app), key=bool) == [None, None, pytest.approx(96.875)]
    captions = " ".join(caption.value for caption in app.caption)
    assert "photo 93.8% (0.0% to 100.0%)" in captions
    assert 'Of the answers, 6.2% are "?" and 3.1% are wrong' in captions


def list_real_pictures(app: AppTest) -> list[float | None]:
    cells = app.dataframe[0].value["Real pictures"].tolist()
    return [None if cell is None or cell != cell else cell for cell in cells]  # noqa: PLR0124  NaN


@pytest.mark.parametrize(
    ("name", "file", "query"),
    [
        ("curves.py", VALIDATION_CONFUSIONS_FILE, {"model": "LeNet-5"}),
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


@pytest.mark.parametrize("name", ["models.py", "robustness.py"])
@pytest.mark.usefixtures("fresh_caches")
def test_damaged_figures_of_one_model_are_as_good_as_not_measured(
    monkeypatch, tmp_path, name, caplog
):
    models = copy_models(tmp_path / "models", monkeypatch, *DEFAULT_MODEL_IDS)
    (models / "replications").mkdir()
    (models / "replications/lenet5.json").write_text("{", "utf-8")
    (models / "lenet5" / ROBUSTNESS_FILE).write_text("{", "utf-8")
    app = open_page(name)
    assert not app.exception
    assert not app.error
    assert f"The file {ROBUSTNESS_FILE} of lenet5 is damaged" in caplog.text
    assert app.get("plotly_chart")


@pytest.mark.parametrize(
    ("name", "query", "ids"),
    [
        ("models.py", {}, list_model_ids()),
        ("compare.py", {"digits": "Bundled digits"}, DEFAULT_MODEL_IDS),
    ],
)
def test_latency_and_file_size_of_every_model_are_compared(name, query, ids):
    app = open_page(name, **query)
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "p95 (ms)" in frame.value)
    sizes = {
        load_card(model_id).title: (ARTIFACTS_DIRECTORY / model_id / LITERT_FILE).stat().st_size
        for model_id in ids
    }
    shown = dict(zip(table["Model"], table["File (kB)"], strict=True))
    assert shown == {title: round(size / 1000) for title, size in sizes.items()}
    assert (table["p50 (ms)"] > 0).all()
    assert (table["p95 (ms)"] >= table["p50 (ms)"]).all()


def test_the_results_of_more_than_ten_models_are_not_cut(monkeypatch):
    tables = []
    monkeypatch.setattr(st, "dataframe", lambda rows, **options: tables.append((rows, options)))
    show_results([load_card("lenet5")] * 11)
    ((rows, options),) = tables
    assert len(rows) == 11
    assert options["height"] == "content"  # Streamlit's default shows ten rows
