import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.digit_map import load_maps
from core.analysis.findings.finding import MAX_SHOWN
from core.analysis.measures import load_measures
from core.models.card import MNIST_TEST
from core.models.files import load_card
from pages.parts.map import computed
from tests.pages.conftest import open_page

pytestmark = pytest.mark.usefixtures("mnist_test")
# The right half of the map.
AREA = "0,-1.1,1.1,-1.1,1.1,1.1,0,1.1"


def read_counts(app: AppTest) -> list[int]:
    """How many digits are chosen, once for each map."""
    counts = (re.match(r"\*\*([\d,]+) digits?\*\*, accuracy", one.value) for one in app.markdown)
    return [int(one[1].replace(",", "")) for one in counts if one]


def read_count(app: AppTest) -> int:
    (count,) = read_counts(app)
    return count


def list_captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_all_digits_are_chosen_at_first():
    app = open_page("map.py")
    assert read_count(app) == 10_000
    card = load_card("lenet5")
    correct = np.trace(card.test_confusion)
    assert f"{correct:,} of 10,000 digits classified correctly" in list_captions(app)


def test_a_true_and_a_predicted_digit_choose_a_cell_of_the_confusion_matrix():
    app = open_page("map.py", model="Logistic regression", true="4", predicted="9")
    assert read_count(app) == load_card("logistic_regression").test_confusion[4][9]
    app.selectbox(key="predicted").set_value("Any").run()
    assert read_count(app) == sum(load_card("logistic_regression").test_confusion[4])


def test_an_area_in_the_address_chooses_the_digits_in_it(mnist_test):
    in_area = load_maps("lenet5")[MNIST_TEST].positions[:, 0] > 0
    app = open_page("map.py", area=AREA)
    assert read_count(app) == in_area.sum()
    app.selectbox(key="true").set_value("7").run()
    assert read_count(app) == (in_area & (mnist_test.labels == 7)).sum()
    app.button(key="remove_area").click().run()
    assert read_count(app) == (mnist_test.labels == 7).sum()
    assert "area" not in app.query_params


def test_an_area_is_forgotten_with_its_map():
    app = open_page("map.py", area=AREA)
    app.selectbox(key="model").set_value("mlp").run()
    assert "area" not in app.query_params
    assert read_count(app) == 10_000


def test_an_area_without_digits_says_so():
    app = open_page("map.py", area="5,5,6,5,6,6")
    assert not app.exception
    assert app.info[0].value == "There are no such digits here."


def test_images_are_shown_once_digits_are_chosen():
    invitation = "Draw around points with the mouse or a finger"
    app = open_page("map.py")
    assert app.info[0].value.startswith(invitation)
    app.selectbox(key="predicted").set_value("3").run()
    assert not app.info
    assert any(re.match(r"\*\*Number \d+\*\* of MNIST test", one.value) for one in app.markdown)


@pytest.mark.usefixtures("fresh_caches")
def test_without_a_stored_map_there_is_one_by_pca_and_the_command(monkeypatch):
    monkeypatch.setattr(computed, "load_maps", lambda _: {})
    app = open_page("map.py")
    assert "Map by PCA. Digits" in list_captions(app)
    notes = " ".join(one.value for one in app.info)
    assert "run `python -m core.analysis.digit_map --model lenet5`" in notes


def test_the_drawing_is_a_star_with_its_five_most_similar_training_digits():
    app = open_page("draw.py")
    app.button(key="sample").click().run()
    app.switch_page("map.py").run()
    assert not app.exception
    (says,) = (one.value for one in app.markdown if "most similar to yours" in one.value)
    assert "Of 10,000 digits of MNIST train, these 5 are" in says
    (chart,) = app.get("plotly_chart")
    assert json.loads(chart.proto.spec)["data"][-1]["name"] == "Your drawing"
    pictures = [one.proto.body for one in app.get("html") if "at a distance of" in one.proto.body]
    assert pictures[0].count("<img") == 5


def test_without_a_drawing_there_is_a_link_to_the_pad():
    app = open_page("map.py")
    assert "Draw a digit to see where it is" in " ".join(one.value for one in app.markdown)


def test_the_digits_of_a_linked_weak_spot_are_chosen(mnist_test):
    """A slice need not be among the findings of the model: another one's may be linked."""
    app = open_page("map.py", colour="Weak spot", where="7 slant<-12")
    slant = load_measures(mnist_test)["slant"]
    assert read_count(app) == ((mnist_test.labels == 7) & (slant < -12)).sum()
    (box,) = (one for one in app.selectbox if one.label == "Weak spot")
    assert box.value == "7 slant<-12"
    assert "Slice: Sevens that lean to the left" in box.options
    confused = load_card("lenet5").test_confusion
    box.set_value("4/9").run()
    assert read_count(app) == confused[4][9] + confused[9][4]
    assert app.query_params["where"] in ("4/9", ["4/9"])


def test_two_areas_choose_the_digits_of_both():
    x = load_maps("lenet5")[MNIST_TEST].positions[:, 0]
    app = open_page("map.py", area=f"{AREA};-1.1,-1.1,-0.5,-1.1,-0.5,1.1,-1.1,1.1")
    assert read_count(app) == ((x > 0) | (x < -0.5)).sum()
    (chart,) = (json.loads(one.proto.spec) for one in app.get("plotly_chart"))
    assert len(chart["layout"]["selections"]) == 2
    assert app.button(key="remove_area").label == "Remove the areas"


def test_an_area_has_its_images_in_place_of_the_invitation_to_draw():
    app = open_page("map.py", area=AREA)
    assert app.button(key="remove_area").label == "Remove the area"
    assert not [one.value for one in app.subheader if one.value == "Your drawing"]


def test_of_two_maps_the_weak_spot_the_prediction_and_the_captions_are_the_first_ones():
    app = open_page("map.py", model="MLP", other="CNN", colour="Weak spot", predicted="7")
    captions = list_captions(app)
    assert (
        "on both maps: the digits in this weak spot of MLP and predicted as 7 by MLP." in captions
    )
    assert "label → prediction of MLP" in captions
    app.selectbox(key="other").set_value("").run()
    assert "both maps" not in list_captions(app)
    assert "label →" not in list_captions(app)


def test_two_models_that_are_one_have_one_map_and_a_message():
    app = open_page("map.py", other="LeNet-5")
    assert app.info[0].value == "Choose two different models."
    assert read_count(app) == 10_000
    app.selectbox(key="other").set_value("mlp").run()
    assert "Choose two different models." not in [one.value for one in app.info]


@pytest.mark.parametrize(
    ("view", "expected"),
    [("0.1,0.5,-0.2,0.3", [[0.1, 0.5], [-0.2, 0.3]]), ("0.5,0.1,0,1", None), ("x", None)],
)
def test_the_part_of_the_map_in_the_address_is_in_sight(view, expected):
    app = open_page("map.py", view=view)
    (chart,) = (json.loads(one.proto.spec) for one in app.get("plotly_chart"))
    shown = [chart["layout"][axis]["range"] for axis in ("xaxis", "yaxis")]
    assert shown == (expected or [[-1.05, 1.05]] * 2)
    app.selectbox(key="model").set_value("mlp").run()
    assert "view" not in app.query_params


def test_all_digits_of_a_weak_spot_are_chosen_not_only_those_that_it_lists():
    app = open_page("map.py", colour="Weak spot", where="outliers")
    (box,) = (one for one in app.selectbox if one.label == "Weak spot")
    (outliers,) = (one for one in box.options if one.startswith("Outliers: "))
    count = int(re.search(r"\d+", outliers)[0])
    assert count > MAX_SHOWN
    assert read_count(app) == count


def test_an_address_that_is_returned_to_keeps_its_map_and_its_area():
    """The browser's Back brings the model and the area of the map before."""
    app = open_page("map.py", area=AREA)
    app.selectbox(key="model").set_value("mlp").run()
    assert "area" not in app.query_params
    app.query_params["area"] = AREA
    app.selectbox(key="model").set_value("lenet5").run()
    assert app.query_params["area"] in (AREA, [AREA])


def test_an_area_on_the_second_map_chooses_the_digits_of_both():
    selected = load_maps("mlp")[MNIST_TEST].positions[:, 0] > 0
    app = open_page("map.py", other="MLP", other_area=AREA)
    assert read_counts(app) == [selected.sum()] * 2
    first, second = (json.loads(one.proto.spec) for one in app.get("plotly_chart"))
    outlined = [len(one["layout"].get("selections", [])) for one in (first, second)]
    assert outlined == [0, 1]
    highlighted = sum(len(trace["selectedpoints"]) for trace in first["data"])
    assert highlighted == selected.sum()
    app.selectbox(key="other").set_value("logistic_regression").run()
    assert "other_area" not in app.query_params
    assert read_counts(app) == [10_000] * 2
