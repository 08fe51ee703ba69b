"""The Robustness page: stored and new measurements, and the page without MNIST."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from core.analysis.metrics import estimate_accuracy
from core.analysis.robustness import load_robustness
from core.drawings.store import DrawingStore, default_url
from core.inference.classifier import load_classifier
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids, load_card
from core.synthesis.corruptions import CORRUPTIONS, corrupt
from pages.widgets import cache
from tests.core.drawings.conftest import make_drawing
from tests.pages.conftest import open_page


def read_curves(app) -> dict[str, list[float]]:
    """The accuracies of each model in the first figure, by its title."""
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    return {trace["name"]: trace["y"] for trace in figure["data"] if "name" in trace}


@pytest.mark.usefixtures("no_mnist")
def test_stored_figures_need_no_image():
    app = open_page("robustness.py", corruption="Blur")
    assert not app.exception
    curves = read_curves(app)
    assert set(curves) == {load_card(model_id).title for model_id in DEFAULT_MODEL_IDS}
    expected = load_robustness("lenet5").counts["mnist_test"].estimate("gaussian_blur")
    assert curves["LeNet-5"] == pytest.approx([estimate.value for estimate in expected])


@pytest.mark.usefixtures("no_mnist")
def test_another_amount_on_mnist_offers_the_download_without_it():
    app = open_page("robustness.py", live="true")
    assert not app.exception
    assert "MNIST is not on this machine" in app.info[0].value
    assert app.button(key="download_mnist")


def test_every_corruption_severity_and_model_is_in_the_table():
    app = open_page("robustness.py", dataset="Bundled digits", table="true")
    table = app.dataframe[0].value
    assert len(table) == len(CORRUPTIONS) * len(list_model_ids())
    row = table[(table["Corruption"] == "Shear") & (table["Model"] == "MLP")].iloc[0]
    expected = load_robustness("mlp").counts["bundled_digits"].estimate("shear")
    assert [row[str(severity)] for severity in range(6)] == pytest.approx(
        [100 * estimate.value for estimate in expected], abs=0.005
    )


def test_any_amount_can_be_tried_on_a_sample(bundled_digits):
    app = open_page("robustness.py", dataset="Bundled digits", corruption="Contrast", live="true")
    app.slider(key="amount_contrast").set_value(0.65).run()
    assert not app.exception
    places = np.linspace(0, len(bundled_digits) - 1, 1000).astype(int)
    frames = corrupt(bundled_digits.frames[places], CORRUPTIONS["contrast"], 0.65)
    expected = estimate_accuracy(
        bundled_digits.labels[places], load_classifier("mlp").probabilities(frames)
    )
    table = app.table[-1].value
    shown = table[table["Model"] == "MLP"].iloc[0]
    assert shown["Accuracy"] == f"{expected.value:.1%}"
    assert shown["95% interval"] == f"{expected.low:.1%} to {expected.high:.1%}"


def test_the_visitors_drawings_are_measured_when_the_page_opens(bundled_digits):
    store = DrawingStore(default_url())
    kept = [4, 9, 30]
    labels = bundled_digits.labels[kept]
    labels_kept = {*labels.tolist()}
    assert 3 not in labels_kept
    store.save(
        *(
            make_drawing(
                image=bundled_digits.images[index], label=int(bundled_digits.labels[index])
            )
            for index in kept
        )
    )
    store.close()
    app = open_page("robustness.py", dataset="Bundled digits", corruption="Rotation", digit="3")
    app.selectbox(key="dataset").set_value("my_drawings").run()
    assert not app.exception
    assert app.pills(key="digit").value in labels_kept  # there is no 3 among them
    lenet5 = load_classifier("lenet5")
    for severity, amount in ((0, 0), (5, 1.0)):
        frames = corrupt(bundled_digits.frames[kept], CORRUPTIONS["rotate"], amount)
        right = (lenet5.probabilities(frames).argmax(axis=1) == labels).mean()
        assert read_curves(app)["LeNet-5"][severity] == pytest.approx(right)
    assert not app.dataframe  # all corruptions at once are stored figures


def test_the_chosen_digit_stays_when_the_data_set_changes_if_it_has_one():
    app = open_page("robustness.py", dataset="Bundled digits", digit="3")
    assert app.pills(key="digit").value == 3
    app.selectbox(key="dataset").set_value("mnist_test").run()
    assert app.pills(key="digit").value == 3
    app = open_page("robustness.py", dataset="Bundled digits", digit="31")
    assert not app.exception
    assert app.pills(key="digit").value == 5


@pytest.mark.usefixtures("fresh_caches")
def test_a_model_that_was_not_measured_is_named_with_the_command(monkeypatch):
    stored = cache.load_robustness
    monkeypatch.setattr(
        cache, "load_robustness", lambda name: None if name == "mlp" else stored(name)
    )
    app = open_page("robustness.py")
    assert not app.exception
    assert "Not measured yet: MLP. Run `python -m core.analysis.robustness`" in app.info[0].value
    assert "MLP" not in read_curves(app)
    assert not open_page("models.py", model="MLP").exception


@pytest.mark.usefixtures("fresh_caches")
def test_a_new_corruption_is_not_measured_yet_and_all_other_figures_stay(monkeypatch):
    means = {}
    for title in ("LeNet-5", "MLP"):
        app = open_page("models.py", model=title)
        means[title] = next(
            metric.value for metric in app.metric if metric.label == "Corrupted MNIST"
        )
    melting = replace(CORRUPTIONS["shear"], id="melt", title="Melting")
    monkeypatch.setitem(CORRUPTIONS, "melt", melting)
    st.cache_resource.clear()
    app = open_page("robustness.py", dataset="Bundled digits", corruption="Melting", table="true")
    assert not app.exception
    assert not app.error
    assert app.info[0].value.startswith("Not measured yet: LeNet-5, ")
    charts = app.get("plotly_chart")
    assert len(charts) == 1  # there are no curves to draw
    overview = json.loads(charts[0].proto.spec)["data"]
    written = dict(zip(zip(overview[1]["y"], overview[1]["x"], strict=True), overview[1]["text"],
                       strict=True))  # fmt: skip
    assert written["Melting", "MLP"] == "–"
    assert written["Shear", "MLP"].isdecimal()
    assert "Melting: " in charts[0].proto.alt
    assert "MLP not measured yet" in charts[0].proto.alt
    assert any("–: not measured yet" in caption.value for caption in app.caption)
    table = app.dataframe[0].value
    row = table[(table["Corruption"] == "Melting") & (table["Model"] == "MLP")].iloc[0]
    assert row[[str(severity) for severity in range(6)]].isna().all()
    for title, mean in means.items():
        app = open_page("models.py", model=title)
        assert not app.exception
        assert not app.error
        metric = next(metric for metric in app.metric if metric.label == "Corrupted MNIST")
        assert metric.value == mean
        assert metric.help.endswith("; not measured yet: Melting")
    assert not open_page("robustness.py", corruption="Blur").info


@pytest.mark.usefixtures("fresh_caches")
def test_nothing_measured_at_all_is_no_error(monkeypatch):
    monkeypatch.setattr(cache, "load_robustness", lambda _: None)
    app = open_page("robustness.py")
    assert not app.exception
    assert not app.error
    app = open_page("models.py", model="MLP")
    assert not app.exception
    metric = next(metric for metric in app.metric if metric.label == "Corrupted MNIST")
    assert metric.value == "not measured yet"


@pytest.mark.parametrize("model_id", ["lenet5", "committee"])
def test_the_card_of_a_model_shows_its_mean_over_corruptions(model_id):
    app = open_page("models.py", model=load_card(model_id).title)
    found = load_robustness(model_id).counts["mnist_test"].average_over_corruptions
    metric = next(metric for metric in app.metric if metric.label == "Corrupted MNIST")
    assert metric.value == f"{found:.1%}"
    column = app.dataframe[0].value.set_index("Model")["Corrupted"]
    assert column[load_card(model_id).title] == pytest.approx(100 * found)


@pytest.mark.parametrize(("model_id", "series"), [("lenet5", 2), ("committee", 1)])
def test_reliability_is_shown_before_and_after_where_there_is_a_temperature(model_id, series):
    app = open_page(
        "models.py",
        view="Calibration",
        model=load_card(model_id).title,
        calibration="Bundled digits",
    )
    assert not app.exception
    figures = [json.loads(chart.proto.spec)["data"] for chart in app.get("plotly_chart")]
    (traces,) = (traces for traces in figures if any(trace["type"] == "bar" for trace in traces))
    assert len([trace for trace in traces if trace["type"] == "bar"]) == series
    for bars in traces[2::2]:
        assert sum(bars["y"]) == 1797
    assert re.search(r"1,797 digits in 15 bins", "".join(caption.value for caption in app.caption))
