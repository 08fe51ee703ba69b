"""Why a pair: what the Error explorer says of it claims no more than the numbers do."""

import numpy as np
import pytest

from core.analysis.deletion import DeletionCurve, DeletionRanking
from core.analysis.pairs import Side
from core.analysis.separation import Trait
from core.digits.frame import frames_from_bytes
from core.drawings.store import DrawingStore, default_url
from core.inference.classifier import load_classifier
from core.models.files import list_model_ids
from pages.errors import SUBTITLES
from pages.parts.errors.reasons import describe_reason, name_trait
from pages.widgets.attributions import describe_ranking
from tests.core.drawings.conftest import make_drawing
from tests.pages.conftest import VISITOR, open_page

WHY = "Why this pair"
CONFUSED = Side(4, 9, (40,), np.arange(100), np.arange(100, 140))


def make_trait(**changes: object) -> Trait:
    values = {
        "measure": "loops",
        "boundary": 0.5,
        "is_above": True,
        "confused": (31, 40),
        "right": (4, 100),
        "p_value": 1e-9,
    }
    return Trait(**{**values, **changes})


def test_the_counts_of_all_models_add_up_to_the_last_row():
    app = open_page("errors.py", dataset="Bundled digits", show=WHY, pair="4/9")
    counts = app.dataframe[0].value
    assert list(counts.columns) == ["Model", "4 → 9", "9 → 4"]
    assert counts["Model"].iloc[-1] == "Sum"
    for way in counts.columns[1:]:
        assert counts[way].iloc[-1] == counts[way].iloc[:-1].sum() > 0


def test_beside_the_errors_stands_the_number_of_different_digits(bundled_digits):
    app = open_page("errors.py", dataset="Bundled digits", show=WHY, pair="4/9")
    labels, frames = bundled_digits.labels, frames_from_bytes(bundled_digits.images)
    predicted = [
        load_classifier(name).probabilities(frames).argmax(axis=1) for name in list_model_ids()
    ]
    confused = {
        way: np.any([(labels == way[0]) & (one == way[1]) for one in predicted], axis=0).sum()
        for way in ((4, 9), (9, 4))
    }
    line = f"Different digits: {confused[4, 9]} (4 → 9) and {confused[9, 4]} (9 → 4), without"
    captions = [caption.value.replace("\N{NO-BREAK SPACE}", " ") for caption in app.caption]
    assert any(line in caption for caption in captions)


def test_one_model_has_no_sum_and_speaks_for_itself():
    app = open_page("errors.py", dataset="Bundled digits", show=WHY, pair="4/9", pool="LeNet-5")
    assert list(app.dataframe[0].value["Model"]) == ["LeNet-5"]
    assert any(text.value.lstrip("*").startswith("LeNet-5 predicts") for text in app.markdown)


def save_drawings(*labels: int) -> None:
    store = DrawingStore(default_url())
    store.save(*(make_drawing(owner=VISITOR, label=label) for label in labels))
    store.close()


def test_a_pair_of_which_there_is_no_digit_is_one_sentence():
    save_drawings(1, 2, 3)
    app = open_page("errors.py", dataset="My drawings", show=WHY, pair="4/9")
    assert not app.exception
    assert [info.value for info in app.info] == [
        "There is no 4 and no 9 in My drawings. Choose another pair or data set."
    ]
    assert not app.subheader
    assert not app.dataframe
    assert len(app.markdown) == 1  # the subtitle


def test_nothing_is_said_to_separate_digits_from_none():
    save_drawings(4)
    app = open_page("errors.py", dataset="My drawings", show=WHY, pair="4/9")
    assert not app.exception
    assert [header.value for header in app.subheader] == ["Borderline digits"]
    assert not any(text.value.startswith("**9s**") for text in app.markdown)


@pytest.mark.parametrize("show", ["Misclassified digits", WHY, "Suspected label errors"])
def test_the_subtitle_fits_the_view(show):
    app = open_page("errors.py", dataset="Bundled digits", show=show)
    assert app.markdown[0].value == SUBTITLES[show]


def test_the_button_beside_a_pair_asks_why():
    app = open_page("errors.py", dataset="Bundled digits", pair="1/7")
    app.button(key="why").click().run()
    assert not app.exception
    assert app.selectbox(key="show").value == WHY
    assert "1 → 7" in app.dataframe[0].value.columns


def test_a_reason_has_both_shares_and_the_interval():
    sentence = describe_reason(CONFUSED, [make_trait()], ["A", "B"])
    assert sentence == (
        "**Models predict 4s as 9s when the 4s have a closed loop**: 31 of the 40 confused ones "
        "do, but only 4.0% (1.6% to 9.8%) of the 4s that every model classifies correctly."
    )


def test_what_fewer_than_half_have_is_no_condition():
    sentence = describe_reason(CONFUSED, [make_trait(confused=(15, 40))], ["A"])
    assert sentence.startswith("**A predicts 4s as 9s more often when the 4s have a closed loop**")


@pytest.mark.parametrize(
    "trait", [make_trait(p_value=0.06), make_trait(confused=(0, 40), right=(50, 100))]
)
def test_no_reason_is_claimed_where_chance_or_the_opposite_explains_the_numbers(trait):
    assert describe_reason(CONFUSED, [trait], ["A", "B"]) == (
        "Models predict 4s as 9s (40 digits). By no measure are these more like 9s than the "
        "other 4s are, beyond chance."
    )


def test_a_pair_that_no_model_confuses_needs_no_reason():
    side = Side(4, 8, (0,), np.arange(100), np.arange(0))
    assert describe_reason(side, [], ["A"]) == "A predicts no 4 as an 8."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "have a closed loop"),
        ({"is_above": False}, "have no closed loop"),
        ({"boundary": 1.5}, "have 2 closed loops or more"),
        ({"boundary": 1.5, "is_above": False}, "have at most 1 closed loop"),
        ({"measure": "upper_width", "boundary": 8.5}, "are wider than 8.5 px at the top"),
        ({"measure": "down", "boundary": 0.5}, "are above 0.5 px by the measure “Place downwards”"),
    ],
)
def test_a_trait_in_words(changes, words):
    assert name_trait(make_trait(**changes)) == words


def make_ranking(**areas: float) -> DeletionRanking:
    """Attributions with these areas, beside random orders from 0.5 to 0.7."""

    def make_curve(area: float) -> DeletionCurve:
        return DeletionCurve(np.array([0, 1]), np.full(2, area))

    curves = {name: make_curve(area) for name, area in areas.items()}
    return DeletionRanking(curves, tuple(map(make_curve, np.linspace(0.5, 0.7, 20))))


@pytest.mark.parametrize(
    ("areas", "claim"),
    [
        ({"Occlusion": 0.2, "Gradient": 0.4}, "**Believe occlusion**"),
        ({"Gradient": 0.2, "Occlusion": 0.21}, "**Believe both**"),
        ({"Occlusion": 0.51, "Gradient": 0.6}, "**Believe neither**"),
    ],
)
def test_the_attribution_to_believe_is_the_one_that_beats_chance_and_the_other(areas, claim):
    sentence = describe_ranking(make_ranking(**areas), 9)
    assert sentence.startswith(claim)
    assert all(f"{name.lower()} {area:.2f}" in sentence for name, area in areas.items())
    assert "random orders 0.60 on average" in sentence
