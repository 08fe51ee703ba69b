"""What the Train page says after a training: the model beside its parent, and what to try next."""

import json
import time
from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl

import pytest
from scipy.stats import binomtest

from core.analysis.measures import load_measures
from core.analysis.slices import parse_slice
from core.models.files import list_model_ids, load_card, load_test_probabilities, runs_directory
from core.runs.jobs import list_jobs
from core.runs.layers import read_layers
from core.runs.plan import (
    TrainingPlan,
    change_settings,
    get_setting,
    list_plan_settings,
)
from core.runs.progress import Point, Progress, Validation
from core.runs.proposals import propose_plan
from core.runs.recipe import Recipe
from core.runs.run import Run
from core.runs.training_data import BUNDLED_DIGITS, split_bundled_digits
from pages.parts.train.address import address_plan
from pages.widgets.pickers import NO_TEACHER
from tests.core.runs.conftest import MODEL_ID, finish_run, finish_run_on_bundled_digits, make_run
from tests.pages.conftest import VISITOR, open_page
from tests.trainers import pretend_to_train

CARDS = {model_id: load_card(model_id) for model_id in list_model_ids()}
EPOCHS = 3


def finish(*, name: str = "My model", test_set: str = "mnist", **plan: object) -> Run:
    """A run of the MLP's architecture, with the files of the logistic regression."""
    own = {"architecture": "mlp", "epochs": EPOCHS, "train_fraction": 1.0} | plan
    run = make_run(
        name=name, owner=VISITOR, plan=change_settings(TrainingPlan(), **own).to_fields()
    )
    keep = finish_run if test_set == "mnist" else finish_run_on_bundled_digits
    run = keep(run)
    place = runs_directory() / run.id
    card = replace(load_card(run.id), best_epoch=EPOCHS)
    (place / "card.json").write_text(card.to_json())
    (place / "job").mkdir()
    validations = tuple(Validation(1 / epoch, 0.9, 0.5, 0.92) for epoch in range(1, EPOCHS + 1))
    points = tuple(Point(epoch, 1.5 / epoch, 0.8) for epoch in range(1, EPOCHS + 1))
    progress = Progress(
        epochs=EPOCHS, points=points, validations=validations, unchanged_images=1000
    )
    (place / "job/progress.json").write_text(progress.to_json())
    outcome = {"state": "finished", "error": "", "ended_at": time.time()}
    (place / "job/outcome.json").write_text(json.dumps(outcome))
    return run


def find_lines(app: object, start: str) -> list[str]:
    return [text.value for text in app.markdown if text.value.startswith(start)]


def list_queries(app: object, page: str) -> list[str]:
    links = [element.proto for element in app.get("page_link")]
    return [link.query_string for link in links if link.page == page and link.query_string]


def test_the_model_is_compared_with_its_parent_digit_by_digit(mnist_test):
    finish()
    app = open_page("train.py")
    assert not app.exception
    own, parent = (
        load_test_probabilities(model_id).argmax(axis=1) == mnist_test.labels
        for model_id in (MODEL_ID, "mlp")
    )
    gained, lost = int((own & ~parent).sum()), int((parent & ~own).sum())
    (line,) = find_lines(app, "Compared with")
    assert "**MLP**, of 10,000 test digits" in line
    assert f"**{gained}** newly correct, **{lost}** newly misclassified" in line
    assert binomtest(gained, gained + lost).pvalue < 0.0001
    assert line.endswith(
        "The difference is more than chance explains (McNemar's exact test, p < 0.0001)."
    )
    (worse, *_) = find_lines(app, "Worse now")
    query = parse_qs(next(query for query in list_queries(app, "errors") if "model=My" in query))
    assert query["dataset"] == ["MNIST test"]
    members = parse_slice(query["where"][0]).select(mnist_test.labels, load_measures(mnist_test))
    assert f"only MLP is right for {(members & parent & ~own).sum()} of {members.sum():,}," in worse


@pytest.mark.usefixtures("no_mnist")
def test_without_the_digits_there_is_still_something_to_try_next():
    finish()
    app = open_page("train.py")
    assert not app.exception
    assert not find_lines(app, "Compared with")
    assert find_lines(app, "**What to try next**")


def test_a_model_that_equals_its_parent_is_no_more_than_chance():
    finish(test_set="bundled", architecture=MODEL_ID, teachers=("cnn",))
    app = open_page("train.py")
    assert not app.exception
    (line,) = find_lines(app, "Compared with")
    assert f"of {len(split_bundled_digits().test)} test digits" in line
    assert "**0** newly correct, **0** newly misclassified" in line
    assert "no more than chance explains" in line
    assert "p = 1.0000" in line
    assert not list_queries(app, "errors")  # which shows all bundled digits, not only these
    (line,) = [one.value for one in app.caption if "*Training* is" in one.value]
    assert "on augmented images" in line
    assert "the probabilities of a teacher" in line
    assert "on 1,000 training images as they are" in line


def test_the_newest_training_leads_to_a_better_one_and_the_others_are_folded():
    finish(name="Older", test_set="bundled")
    finish(name="Newer", test_set="bundled", training_data=BUNDLED_DIGITS, batch_size=16)
    app = open_page("train.py")
    assert not app.exception
    assert len(find_lines(app, "Compared with")) == 1
    labels = [expander.label for expander in app.expander]
    assert labels.count("Comparison and what to try next") == 1
    queries = [dict(parse_qsl(query)) for query in list_queries(app, "train")]
    (longer,) = [query for query in queries if query.get("epochs") == str(2 * EPOCHS)]
    # The other settings are those of the training.
    assert (longer["base"], longer["batch"]) == ("MLP", "16")
    assert longer["data"] == "Bundled digits"


@pytest.fixture
def trainer_that_waits(monkeypatch):
    monkeypatch.setattr("pages.widgets.training_data.has_mnist", lambda: True)
    with pretend_to_train(monkeypatch):
        yield


PLANS = [
    change_settings(propose_plan(CARDS["cnn"]), epochs=9, averaging=False, weight_decay=0.01),
    TrainingPlan(
        architecture=None,
        layers=read_layers("Conv2D.6.5_Flatten_Dropout.50_Dense.20"),
        train_fraction=0.2,
        recipe=Recipe(optimizer="sgd", learning_rate=0.03, styles=False, seed=7),
    ),
    TrainingPlan(training_data=BUNDLED_DIGITS, train_fraction=1.0, start_from="lenet5"),
]


@pytest.mark.usefixtures("trainer_that_waits")
@pytest.mark.parametrize("plan", PLANS)
def test_the_address_of_a_plan_proposes_it(plan):
    app = open_page("train.py", **address_plan(plan, CARDS))
    app.button(key="train").click().run()
    assert not app.exception
    assert not app.error
    (job,) = list_jobs(VISITOR)
    found = TrainingPlan.from_fields(job.run.plan)
    for name in ("architecture", "layers", "start_from", "training_data", *list_plan_settings()):
        assert get_setting(found, name) == get_setting(plan, name), name


@pytest.mark.usefixtures("trainer_that_waits")
def test_a_plan_without_a_teacher_has_none_though_the_run_it_starts_from_had_one():
    run = finish(teachers=("deep_cnn",), teacher_temperature=4.0)
    opened = open_page("train.py", base="My model")
    assert opened.selectbox(key="teacher").value == "deep_cnn"
    assert opened.select_slider(key="temperature").value == 4
    plan = change_settings(TrainingPlan(architecture="mlp"), start_from=run.id)
    address = address_plan(plan, CARDS | {run.id: load_card(run.id)})
    assert open_page("train.py", **address).selectbox(key="teacher").value == NO_TEACHER
