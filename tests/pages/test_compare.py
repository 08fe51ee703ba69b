"""The Compare page: what its table and its chart say of two models."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import streamlit as st

from core.analysis.agreement import Region
from core.analysis.findings.model_differences import MAX_BESIDES
from pages.parts.compare.agreement import name_region
from tests.core.runs.conftest import finish_run_on_bundled_digits, make_run
from tests.html_page import HtmlPage
from tests.pages.conftest import VISITOR, open_page


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


@pytest.fixture
def take_report(monkeypatch):
    """What the button of the report gives, once a page has been shown."""
    offered: list[Callable[[], str]] = []
    original = st.download_button

    def offer(label: str, data: Callable[[], str], **options: Any) -> bool:
        offered.append(data)
        return original(label, data, **options)

    monkeypatch.setattr(st, "download_button", offer)

    def take() -> str:
        return offered[-1]()

    return take


def test_the_slices_of_two_models_stand_side_by_side_with_links_to_their_digits():
    models = ["MLP", "LeNet-5", "Logistic regression"]
    two = "LeNet-5 and Logistic regression"
    app = open_page("compare.py", digits="Bundled digits", models=models, two=two)
    assert not app.exception
    titles = [header.value for header in app.subheader]
    assert "Where LeNet-5 beats Logistic regression" in titles
    assert "Where Logistic regression beats LeNet-5" in titles
    links = [one.proto for one in app.get("page_link")]
    queries = [parse_qs(link.query_string) for link in links if link.page == "errors"]
    slices = [query for query in queries if "where" in query]
    assert slices
    assert slices[0]["model"] == ["Logistic regression"]
    explorer = open_page("errors.py", **slices[0])
    sentence = next(one.value for one in app.markdown if "only LeNet-5 is right" in one.value)
    (named,) = (one.value for one in explorer.markdown if one.value.startswith("Only:"))
    assert named == f"Only: **{sentence.removeprefix('**').partition(':')[0]}**"
    (curves,) = (link for link in links if link.page == "curves" and link.query_string)
    assert parse_qs(curves.query_string)["models"] == ["LeNet-5", "Logistic regression"]
    (maps,) = (
        parse_qs(link.query_string)
        for link in links
        if link.page == "map" and "other" in link.query_string
    )
    assert (maps["model"], maps["other"]) == (["LeNet-5"], ["Logistic regression"])


@pytest.mark.usefixtures("mnist_test")
def test_where_there_are_more_slices_than_shown_a_link_leads_to_all_of_them():
    app = open_page("compare.py", models=["MLP", "Logistic regression"])
    links = [one.proto for one in app.get("page_link")]
    (link,) = (one for one in links if one.page == "weak_spots" and "slices" in one.label)
    spots = open_page("weak_spots.py", **parse_qs(link.query_string))
    assert spots.subheader[0].value == "Where MLP beats Logistic regression"
    shown, every = (
        sum("only MLP is right" in text.value for text in page.markdown) for page in (app, spots)
    )
    assert shown == MAX_BESIDES < every
    assert link.label == f"All {every} slices"
    assert f"{shown} of {every} slices are shown." in [one.value for one in app.caption]


def test_the_report_has_the_figures_and_the_sentences_of_the_page(take_report):
    models = ["LeNet-5", "Logistic regression", "Committee"]
    two = "LeNet-5 and Logistic regression"
    app = open_page("compare.py", digits="Bundled digits", models=models, two=two)
    text = take_report()
    report = HtmlPage(text)
    tested = app.dataframe[0].value
    assert [row[0] for row in report.tables["models"][1:]] == models
    assert len(report.tables["pairs"]) == 1 + len(tested)
    for row, (_, shown) in zip(report.tables["pairs"][1:], tested.iterrows(), strict=True):
        assert [row[0], row[1], row[6]] == [shown["A"], shown["B"], shown["p-value"]]
        assert [int(row[2]), int(row[3])] == [shown["Only A correct"], shown["Only B correct"]]
        assert row[4] == f"{shown['Accuracy A − B']:+.2f}%"
        assert row[5] == shown["95% interval"]
    corrected = "corrected for the 3 pairs by Holm"
    assert corrected in text
    assert any(corrected in one.value for one in app.caption)
    sentences = [one.value for one in app.markdown if "only LeNet-5 is right" in one.value]
    assert sentences
    for sentence in sentences[:3]:
        assert sentence.strip("*.") in text
    (address,) = report.list_values("href")
    query = parse_qs(address.partition("?")[2])
    assert query == {"digits": ["Bundled digits"], "models": models, "two": [two]}
    again = open_page("compare.py", **query)
    assert [header.value for header in again.subheader] == [
        header.value for header in app.subheader
    ]


def test_a_run_that_learned_bundled_digits_is_compared_on_the_others_and_has_its_recipe(
    take_report,
):
    name = "<script>alert('A & B')</script>"
    finish_run_on_bundled_digits(make_run(owner=VISITOR, name=name))
    app = open_page("compare.py", digits="Bundled digits", models=[name, "LeNet-5"])
    assert not app.exception
    text = take_report()
    report = HtmlPage(text)
    assert report.errors == []
    assert report.tables["models"][1][0] == name
    assert "script" not in dict(report.tags)
    assert "Bundled digits test" in text
    assert "Training data: Bundled digits; " in text
    assert "Optimizer: adam; " in text
    links = [one.proto for one in app.get("page_link")]
    queries = [parse_qs(link.query_string) for link in links if link.page == "weak_spots"]
    (query,) = filter(None, queries)
    spots = open_page("weak_spots.py", **query)
    assert any("<script>" in header.value.replace("\\", "") for header in spots.subheader)
