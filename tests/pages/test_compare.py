"""The Compare page: what its table and its chart say of two models."""

import numpy as np
import pytest

from core.analysis.agreement import Region
from pages.parts.compare.agreement import name_region
from pages.widgets.paired_comparison import format_p_value
from tests.pages.conftest import open_page


@pytest.mark.parametrize(
    ("p_value", "shown"),
    [(1.0, "1.0000"), (0.05, "0.0500"), (1e-4, "0.0001"), (9e-5, "< 0.0001"), (0.0, "< 0.0001")],
)
def test_a_p_value_is_never_shown_as_zero(p_value, shown):
    assert format_p_value(p_value) == shown


@pytest.mark.parametrize(
    ("right", "name"),
    [
        ((True, True, True), "all correct"),
        ((True, False, True), "only B wrong"),
        ((False, False, True), "only C correct"),
        ((False, False, False), "all wrong"),
    ],
)
def test_a_region_is_named_after_the_models_that_are_correct(right, name):
    assert name_region(Region(right, np.arange(0)), ["A", "B", "C"]) == name


def test_two_correct_models_of_four_are_both_named():
    region = Region((True, False, True, False), np.arange(0))
    assert name_region(region, ["A", "B", "C", "D"]) == "only A and C correct"


def test_the_table_tells_a_better_model_by_a_small_p_value():
    app = open_page("compare.py", digits="Bundled digits")
    table = app.dataframe[0].value
    row = table[(table["A"] == "LeNet-5") & (table["B"] == "Logistic regression")].iloc[0]
    assert row["p-value"] == "< 0.0001"
    assert row["Better"] == "LeNet-5"
    assert row["Only A correct"] > row["Only B correct"]


def test_the_cost_in_the_address_chooses_the_sentence_on_the_front_and_the_axis():
    # The last one is neither the most accurate nor the smallest of the three.
    models = ["Logistic regression", "LeNet-5", "MLP"]
    app = open_page("compare.py", digits="Bundled digits", models=models, cost="File size")
    sentence = next(one.value for one in app.markdown if "no other model" in one.value)
    assert sentence == (
        "Logistic regression and LeNet-5: no other model is more accurate and also smaller."
    )
    app.segmented_control(key="cost").set_value("Multiplications").run()
    assert any("needs fewer multiplications" in one.value for one in app.markdown)
    assert any("energy" in one.value for one in app.caption)
