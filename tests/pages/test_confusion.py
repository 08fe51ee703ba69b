"""The Confusion matrices page, and the matrices of the Compare page."""

import json

import pytest

from core.models.files import load_card, load_history
from tests.pages.conftest import open_page


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("confusion.py", {"data": "Bundled digits", "errors_only": "true"}),
        ("compare.py", {"digits": "Bundled digits"}),
    ],
)
def test_matrices_side_by_side_share_one_scale_that_a_colour_bar_explains(name, query):
    app = open_page(name, **query)
    heatmaps = [
        figure["data"][0]
        for chart in app.get("plotly_chart")
        if (figure := json.loads(chart.proto.spec))["data"][0]["type"] == "heatmap"
    ]
    matrices = [heatmap for heatmap in heatmaps if heatmap["zmin"] == 0]
    assert len(matrices) > 1
    assert len({heatmap["zmax"] for heatmap in matrices}) == 1
    for heatmap in heatmaps:
        assert heatmap["colorbar"]["tickvals"][-1] == pytest.approx(heatmap["zmax"])


def test_a_table_of_errors_lists_each_pair_with_its_count():
    app = open_page("confusion.py", data="Bundled digits", models="MLP", cells="Table of errors")
    table = app.dataframe[0].value
    confusion = load_card("mlp").metrics["bundled_digits_accuracy"]
    assert list(table["Errors"]) == sorted(table["Errors"], reverse=True)
    assert (table["True"] != table["Predicted"]).all()
    assert 1 - table["Errors"].sum() / 1797 == pytest.approx(confusion.value)


def test_the_values_of_curves_are_offered_as_a_table():
    app = open_page("curves.py", models="MLP", history="true")
    table = next(frame.value for frame in app.dataframe if "Validation loss" in frame.value.columns)
    history = load_history("mlp")
    assert list(table["Validation loss"]) == pytest.approx(list(history.validation_loss))
    assert table["Epoch"].iloc[-1] == history.epochs
