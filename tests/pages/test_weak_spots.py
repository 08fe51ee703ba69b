"""The page Weak spots: what it names, where its links lead, and what it shows without findings."""

import re
from urllib.parse import parse_qs

import numpy as np
import pytest

from core.analysis.evaluation import Evaluation
from core.analysis.findings.stored import load_findings
from core.analysis.measures import load_measures
from core.digits.datasets import load_bundled_digits
from core.drawings.store import DrawingStore, default_url
from core.models.files import list_model_ids, load_card
from pages.widgets import cache
from tests.core.drawings.conftest import make_drawing
from tests.pages.conftest import VISITOR, open_page

SLICE = re.compile(r"\*\*(.+): ([\d,]+) of ([\d,]+) misclassified, .+ times the average of .+\*\*")


def list_slices(app) -> list[re.Match[str]]:
    return [match for text in app.markdown if (match := SLICE.match(text.value))]


def list_links(app, page: str) -> list[dict[str, list[str]]]:
    """The parameters of the links to a page that have any."""
    links = [element.proto for element in app.get("page_link")]
    return [
        parse_qs(link.query_string) for link in links if link.page == page and link.query_string
    ]


@pytest.fixture
def planted(monkeypatch):
    """Predictions for the bundled digits: wrong for narrow sixes that lean to the right."""
    dataset = load_bundled_digits()
    measures = load_measures(dataset)
    sixes = dataset.labels == 6
    narrow = measures["width"] < np.median(measures["width"][sixes])
    leaning = measures["slant"] > np.median(measures["slant"][sixes])
    members = sixes & narrow & leaning
    predicted = np.where(members, 0, dataset.labels)
    probabilities = np.eye(10, dtype=np.float32)[predicted]
    evaluation = Evaluation("lenet5", "LeNet-5", dataset.labels, probabilities)
    monkeypatch.setattr(cache, "load_findings", lambda *_: None)
    monkeypatch.setattr(cache, "get_evaluation", lambda *_: evaluation)
    return members


@pytest.mark.usefixtures("fresh_caches")
def test_a_planted_slice_is_named_first(planted):
    app = open_page("weak_spots.py", dataset="Bundled digits")
    assert not app.exception
    name, errors, total = list_slices(app)[0].groups()
    assert name.startswith("Sixes that")
    assert "narrow" in name or "lean" in name
    assert int(errors) > 0.8 * planted.sum()
    assert int(errors) > 0.6 * int(total)


@pytest.mark.parametrize("dataset", ["MNIST test", "Bundled digits"])
def test_the_link_of_a_slice_opens_exactly_its_errors(dataset):
    app = open_page("weak_spots.py", dataset=dataset, model="Logistic regression")
    slices = list_slices(app)
    links = [link for link in list_links(app, "errors") if "where" in link]
    assert 0 < len(slices) == len(links)
    match, link = slices[0], links[0]
    explorer = open_page("errors.py", **link)
    assert not explorer.exception
    texts = [text.value for text in explorer.markdown]
    assert f"Only: **{match[1]}**" in texts
    assert any(text.startswith(f"**{match[2]} image") for text in texts)
    explorer.button(key="leave_slice").click().run()
    assert not any(text.value.startswith("Only:") for text in explorer.markdown)


def test_two_models_are_compared_in_both_directions():
    app = open_page(
        "weak_spots.py", dataset="Bundled digits", model="Logistic regression", other="LeNet-5"
    )
    assert not app.exception
    assert [header.value for header in app.subheader] == [
        "Where LeNet-5 beats Logistic regression",
        "Where Logistic regression beats LeNet-5",
    ]
    (message,) = (info.value for info in app.info)
    assert message.startswith("No slice was found where Logistic regression beats LeNet-5 by more")
    assert any("only LeNet-5 is right for" in text.value for text in app.markdown)


def test_a_model_is_not_compared_with_itself():
    app = open_page("weak_spots.py", model="MLP", other="MLP")
    assert [info.value for info in app.info] == ["Choose two different models."]


@pytest.mark.usefixtures("fresh_caches")
def test_where_nothing_is_found_the_page_says_so(monkeypatch):
    monkeypatch.setattr(cache, "load_findings", lambda *_: [])
    app = open_page("weak_spots.py")
    assert [info.value for info in app.info] == [
        "No slice was found that is misclassified more often than chance explains."
    ]


@pytest.mark.parametrize("others", [True, False])
@pytest.mark.usefixtures("fresh_caches", "no_mnist")
def test_a_model_card_does_not_say_that_nothing_is_found_above_other_findings(monkeypatch, others):
    found = load_findings(load_card("logistic_regression"), "bundled_digits")
    others_found = [one for one in found if others and one.kind != "weak_slices"]
    assert bool(others_found) is others
    monkeypatch.setattr(cache, "load_findings", lambda *_: others_found)
    app = open_page("models.py", view="Weak spots", model="Logistic regression")
    (said,) = [info.value for info in app.info]
    assert said.startswith("No slice was found that is misclassified more often than chance")
    assert said.endswith("Other findings follow.") is others


@pytest.mark.parametrize("other", [{}, {"other": "MLP"}])
def test_few_drawings_are_too_few_and_no_success(other):
    store = DrawingStore(default_url())
    store.save(*(make_drawing(owner=VISITOR, label=label) for label in (1, 2, 3)))
    store.close()
    app = open_page("weak_spots.py", dataset="My drawings", **other)
    said = (
        "3 digits are too few to find a weak slice. At least 40 are needed, better a few hundred."
    )
    assert {(info.value, info.icon) for info in app.info} == {(said, ":material/info:")}


@pytest.mark.usefixtures("fresh_caches")
def test_few_errors_are_too_few_to_find_what_they_have_in_common(monkeypatch):
    labels = load_bundled_digits().labels
    predicted = labels.copy()
    predicted[:5] = (labels[:5] + 1) % 10
    evaluation = Evaluation("lenet5", "LeNet-5", labels, np.eye(10, dtype=np.float32)[predicted])
    monkeypatch.setattr(cache, "load_findings", lambda *_: None)
    monkeypatch.setattr(cache, "get_evaluation", lambda *_: evaluation)
    monkeypatch.setattr("pages.weak_spots.get_evaluation", lambda *_: evaluation)
    app = open_page("weak_spots.py", dataset="Bundled digits")
    assert [info.value for info in app.info] == [
        f"Only 5 of {len(labels):,} digits are misclassified. At least 6 are needed to find what "
        "they have in common."
    ]


@pytest.mark.parametrize("model_id", list_model_ids())
def test_the_stored_findings_are_of_the_published_models(model_id):
    card = load_card(model_id)
    found = [load_findings(card, dataset) for dataset in ("mnist_test", "bundled_digits")]
    assert None not in found, "run python -m core.analysis.findings"


def test_the_link_of_a_finding_shows_all_its_digits_on_the_map():
    app = open_page("weak_spots.py", model="Logistic regression")
    links = list_links(app, "map")
    (slice_,) = list_slices(app)[:1]
    assert all(one["colour"] == ["Weak spot"] for one in links)
    on_map = open_page("map.py", **links[0])
    assert not on_map.exception
    assert any(text.value.startswith(f"**{slice_[3]} digits**") for text in on_map.markdown)
