"""The Confusion matrices page, and the matrices of the Compare page."""

import json

import pytest

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
