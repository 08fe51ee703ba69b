"""The Train page: plans, and the state and results of trainings."""

import json
import re
import shutil
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import streamlit as st
from streamlit.proto.Metric_pb2 import Metric as MetricProto

from core.drawings.dataset import to_dataset
from core.drawings.store import DrawingStore, default_url
from core.models.card import Estimate
from core.models.files import ARTIFACTS_DIRECTORY, load_card, runs_directory
from core.runs import jobs, launcher
from core.runs.job_files import State
from core.runs.jobs import list_jobs
from core.runs.layers import read_layers
from core.runs.learned_drawings import list_learned
from core.runs.plan import TrainingPlan, change_settings
from core.runs.progress import Example, Point, Progress, Report, Validation
from core.runs.recipe import Recipe
from core.runs.run import Run, new_run_id, save_run
from core.runs.training_data import split_drawings, take
from core.synthesis.augmentation import HANDWRITING
from pages.parts.collect.outcome import FINE_TUNING
from pages.parts.train.settings import PARAMETERS
from tests.core.drawings.conftest import make_drawing
from tests.core.runs.conftest import finish_run, finish_run_on_bundled_digits, make_run
from tests.pages.conftest import VISITOR, list_choices, open_page
from tests.recipes import SETTINGS, choose_other_value
from tests.trainers import pretend_to_train

TRAINER = """
import sys
from core.runs import launcher

launcher.acquire(sys.argv[1])
sys.exit("out of ink")
"""


@pytest.fixture(autouse=True)
def trainer_that_fails(monkeypatch):
    monkeypatch.setattr(jobs, "find_spec", str)  # TensorFlow seems to be there
    monkeypatch.setattr(launcher, "TRAINER", (sys.executable, "-c", TRAINER))


@pytest.fixture
def mnist_seems_there(monkeypatch):
    """The page offers training; the trainer of these tests reads no image."""
    monkeypatch.setattr("pages.widgets.training_data.has_mnist", lambda: True)


def store_run(progress: Progress | None = None, *, outcome: str = "", **plan: object) -> Run:
    fields = change_settings(TrainingPlan(), **plan).to_fields()
    run = Run(id=new_run_id(), name="My own", plan=fields, owner=VISITOR)
    job = save_run(run) / "job"
    job.mkdir()
    if progress:
        (job / "progress.json").write_text(progress.to_json())
    if outcome:
        fields = {"state": outcome, "error": "expected ink, got none", "ended_at": time.time()}
        (job / "outcome.json").write_text(json.dumps(fields))
    return run


def make_progress() -> Progress:
    image = np.zeros((28, 28), np.uint8)
    return Progress(
        stage="training",
        epoch=2,
        epochs=4,
        step=3,
        steps=10,
        points=(Point(0.5, 2.0, 0.3), Point(1.0, 1.0, 0.6)),
        validations=(Validation(1.0, 0.7),),
        confusion=tuple(tuple(50 if a == b else 1 for a in range(10)) for b in range(10)),
        examples=(Example(image, 3, 3), Example(image, 3, 5)),
    )


def get_metric(app: object, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def list_buttons(app: object) -> set[str]:
    return {button.key.split("_run_")[0] for button in app.button}


def test_another_model_brings_its_recipe_and_its_parameters():
    app = open_page("train.py")
    assert get_metric(app, "Parameters") == "34,622"
    choices = list_choices(app)
    assert "committee" not in choices["base"].options
    choices["base"].set_value("logistic_regression").run()
    assert get_metric(app, "Parameters") == "7,850"
    assert app.select_slider(key="rate").value == 0.004
    assert app.select_slider(key="batch").value == 128
    assert not app.toggle(key="augmentation").value


def test_layers_of_ones_own_are_counted_as_they_change():
    link = "Conv2D.6.5_MaxPooling2D_Conv2D.16.5_MaxPooling2D_Flatten_Dense.120"
    app = open_page("train.py", base="Layers of your own", layers=link)
    assert get_metric(app, "Parameters") == "34,622"
    next(element for element in app.number_input if element.label == "Units").set_value(60).run()
    assert get_metric(app, "Parameters") == f"{34_622 - 60 * 257 - 60 * 10:,}"
    assert app.query_params["layers"] == link.replace("120", "60")
    next(element for element in app.button if element.key.startswith("drop_3")).click().run()
    assert not app.exception
    assert app.query_params["layers"].count("MaxPooling2D") == 1


def test_layers_that_do_not_fit_are_a_sentence_and_cannot_be_trained():
    app = open_page("train.py", base="Layers of your own", layers="Dense.64")
    assert "The layer dense_1 needs a Flatten layer before it; add one." in app.warning[0].value
    assert not app.exception
    assert "train" not in list_buttons(app)


@pytest.mark.usefixtures("mnist_seems_there")
def test_a_model_is_trained_without_the_database(monkeypatch):
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", "sqlite:////dev/null/drawings.sqlite3")
    app = open_page("train.py", drawings="5")
    assert not app.error
    assert app.warning[0].value.startswith("The folder of the database")
    assert "drawings" not in list_choices(app)
    app.button(key="train").click().run()
    assert not app.exception
    assert not app.error
    assert not TrainingPlan.from_fields(list_jobs(VISITOR)[0].run.plan).drawing_weight


@pytest.mark.usefixtures("mnist_seems_there")
def test_the_chosen_plan_is_queued():
    store = DrawingStore(default_url())
    store.save(*(make_drawing(owner=VISITOR, label=label) for label in (1, 2)))
    store.close()
    app = open_page("train.py", base="MLP", tune="true", epochs="3", share="20%")
    app.slider(key="drawings").set_value(5).run()
    app.text_input(key="name").set_value("With mine").run()
    app.button(key="train").click().run()
    assert not app.exception
    assert not app.error
    (job,) = list_jobs(VISITOR)
    assert job.run.name == "With mine"
    plan = TrainingPlan.from_fields(job.run.plan)
    assert (plan.architecture, plan.start_from) == ("mlp", "mlp")
    assert (plan.recipe.epochs, plan.train_fraction, plan.drawing_weight) == (3, 0.2, 5)
    with np.load(jobs.runs_directory() / job.run.id / "job" / "drawings.npz") as arrays:
        assert sorted(arrays["labels"]) == [1, 2]
    deadline = time.monotonic() + 10
    while list_jobs(VISITOR)[0].state == State.RUNNING and time.monotonic() < deadline:
        time.sleep(0.05)
    app.run()
    assert "Training stopped unexpectedly" in app.warning[0].value
    assert any("out of ink" in code.value for code in app.code)
    assert {"resume", "remove"} <= list_buttons(app)
    next(element for element in app.button if element.key.startswith("remove")).click().run()
    assert list_jobs(VISITOR) == []


@pytest.mark.usefixtures("mnist_seems_there")
def test_starting_from_trained_weights_proposes_fine_tuning_and_back():
    save_drawings(2, 1)
    app = open_page("train.py", base="Logistic regression")

    def read() -> tuple[object, ...]:
        return (
            app.select_slider(key="rate").value,
            app.slider(key="epochs").value,
            app.select_slider(key="share").value,
            app.slider(key="drawings").value,
        )

    assert read() == (0.004, 5, 0.1, 0)
    app.toggle(key="tune").set_value(True).run()
    assert read() == (0.001, 2, 0.2, 20)
    list_choices(app)["base"].set_value("lenet5").run()
    assert read() == (0.0005, 2, 0.2, 20)
    list_choices(app)["base"].set_value("layers").run()  # nothing is fine-tuned any more
    assert read() == (0.002, 5, 0.1, 0)
    list_choices(app)["base"].set_value("lenet5").run()
    app.toggle(key="tune").set_value(True).run()
    app.toggle(key="tune").set_value(False).run()
    assert read() == (0.002, 5, 0.1, 0)
    opened = open_page("train.py", base="Logistic regression", tune="true")
    assert opened.select_slider(key="rate").value == 0.001
    assert "rate" not in opened.query_params


@pytest.mark.usefixtures("mnist_seems_there")
def test_a_run_can_learn_from_a_model_and_from_a_run():
    run = finish_run_on_bundled_digits(make_run(owner=VISITOR, name="Mine"))
    app = open_page("train.py", teacher="Mine", temperature="3")
    assert not app.exception
    app.button(key="train").click().run()
    list_choices(app)["teacher"].set_value("deep_cnn").run()
    app.button(key="train").click().run()
    plans = [TrainingPlan.from_fields(job.run.plan) for job in list_jobs(VISITOR)]
    taught = [(plan.recipe.teachers, plan.recipe.teacher_temperature) for plan in plans]
    assert {((run.id,), 3.0), (("deep_cnn",), 3.0)} <= set(taught)


@pytest.mark.usefixtures("mnist_seems_there")
def test_a_teacher_needs_augmented_images_and_says_so():
    app = open_page("train.py", teacher="CNN", augmentation="false", styles="false")
    assert "Teachers need augmented images" in app.warning[0].value
    assert "train" not in list_buttons(app)


def save_drawings(*counts: int) -> None:
    """So many different drawings of the digits 0, 1, …"""
    store = DrawingStore(default_url())
    images = np.random.default_rng(0).integers(0, 256, (sum(counts), 28, 28), np.uint8)
    labels = [digit for digit, count in enumerate(counts) for _ in range(count)]
    for image, label in zip(images, labels, strict=True):
        store.save(make_drawing(owner=VISITOR, label=label, image=image))
    store.close()


def find_line(app: object, start: str) -> str:
    return next(text.value for text in app.markdown if text.value.startswith(start))


@pytest.mark.usefixtures("no_mnist")
def test_without_mnist_the_bundled_digits_are_trained_on():
    app = open_page("train.py")
    assert app.selectbox(key="data").value == "bundled_digits"
    assert "share" not in {slider.key for slider in app.select_slider}
    assert find_line(app, "**1,087 training images**").startswith(
        "**1,087 training images**, 355 others for validation and 355 for the test (Bundled"
    )
    app.button(key="train").click().run()
    assert not app.exception
    assert not app.error
    (job,) = list_jobs(VISITOR)
    plan = TrainingPlan.from_fields(job.run.plan)
    assert (plan.training_data, plan.train_fraction) == ("bundled_digits", 1)


@pytest.mark.usefixtures("no_mnist")
def test_without_mnist_its_choice_offers_the_download():
    app = open_page("train.py")
    app.selectbox(key="data").set_value("mnist").run()
    assert not app.exception
    assert any("choose other training data" in info.value for info in app.info)
    assert {"download_mnist"} <= list_buttons(app)
    assert "train" not in list_buttons(app)


@pytest.mark.parametrize(("counts", "found"), [((), "no drawings yet"), ((9, 4), "9 of 0, 4 of 1")])
def test_with_too_few_drawings_the_page_says_how_many_there_are(counts, found):
    save_drawings(*counts)
    app = open_page("train.py", data="My drawings")
    assert not app.exception
    assert found in app.info[0].value
    assert any("collect" in link.proto.page for link in app.get("page_link"))
    assert "train" not in list_buttons(app)


def test_drawings_alone_are_trained_on_without_those_of_rare_digits():
    save_drawings(12, 4, 5)
    app = open_page("train.py", data="My drawings")
    (line,) = [text.value for text in app.markdown if " training images**, " in text.value]
    training, validation, test = map(int, re.findall(r"\d+", line)[:3])
    assert training + validation + test == 12 + 5
    assert validation == 12 // 5 + 5 // 5
    assert f"{test} for the test (Drawings test)" in line
    assert "Left out, because fewer than 5 different drawings: 1, 3, 4, 5, 6, 7, 8, 9." in line
    pictures = " ".join(element.proto.body for element in app.get("html"))
    assert "0, as used in training" in pictures
    assert "1, as used in training" not in pictures
    assert "drawings" not in {slider.key for slider in app.slider}
    app.button(key="train").click().run()
    assert not app.exception
    assert not app.error
    (job,) = list_jobs(VISITOR)
    assert TrainingPlan.from_fields(job.run.plan).training_data == "my_drawings"
    with np.load(jobs.runs_directory() / job.run.id / "job" / "drawings.npz") as arrays:
        assert np.bincount(arrays["labels"]).tolist() == [12, 4, 5]


def test_drawings_that_the_model_to_start_from_has_learned_are_not_counted_as_test_images():
    save_drawings(12, 0, 12)
    store = DrawingStore(default_url())
    held_out = split_drawings(to_dataset(store.find(VISITOR)[::-1])).test
    store.close()
    run = finish_run(make_run(owner=VISITOR, name="Parent"))
    card = replace(load_card(run.id), trained_on=("my_drawings",))
    for count in (len(held_out) - 1, 0):
        learned = list_learned([take(held_out, slice(len(held_out) - count))], [])
        card_file = runs_directory() / run.id / "card.json"
        card_file.write_text(replace(card, learned_drawings=learned).to_json())
        for tune, left in (("false", len(held_out)), ("true", count)):
            app = open_page("train.py", data="My drawings", base="Parent", tune=tune)
            assert not app.exception
            (line,) = [text.value for text in app.markdown if " training images**, " in text.value]
            assert f" {left} for the test (Drawings test)" in line
            to_beat = [text for text in app.markdown if text.value.startswith("**To beat**")]
            assert bool(to_beat) is bool(left)


@pytest.mark.usefixtures("no_mnist")
def test_the_link_of_collect_fine_tunes_on_drawings_without_mnist_too():
    save_drawings(2, 1)
    app = open_page("train.py", **FINE_TUNING)
    app.button(key="train").click().run()
    assert not app.exception
    assert not app.error
    (job,) = list_jobs(VISITOR)
    plan = TrainingPlan.from_fields(job.run.plan)
    assert (plan.training_data, plan.start_from, plan.drawing_weight) == (
        "bundled_digits",
        "lenet5",
        20,
    )


def test_the_result_names_its_test_set():
    run = make_run(owner=VISITOR, name="On others")
    finish_run_on_bundled_digits(run)
    job = jobs.runs_directory() / run.id / "job"
    job.mkdir()
    (job / "outcome.json").write_text('{"state": "finished", "error": "", "ended_at": 0}')
    app = open_page("train.py")
    accuracy = load_card(run.id).metrics["test_accuracy"]
    assert get_metric(app, "Accuracy, Bundled digits test") == f"{accuracy.value:.2%}"
    assert any(metric.help.startswith("Measured on 355 digits.") for metric in app.metric)
    assert not any("MNIST" in metric.label for metric in app.metric)


@pytest.mark.usefixtures("mnist_seems_there")
def test_every_setting_has_a_widget_whose_value_is_trained_with():
    app = open_page("train.py")
    expected = {name: choose_other_value(name) for name in SETTINGS}
    widgets = {
        widget.key: widget
        for kind in (app.toggle, app.selectbox, app.slider, app.select_slider, app.number_input)
        for widget in kind
    }
    for name, value in expected.items():
        widget = widgets[PARAMETERS.get(name, name)]
        assert (widget.label, widget.help) == (SETTINGS[name].title, SETTINGS[name].help)
        widget.set_value(value)
    app.run()
    app.button(key="train").click().run()
    assert not app.exception
    (job,) = list_jobs(VISITOR)
    assert TrainingPlan.from_fields(job.run.plan).recipe == Recipe(**expected)


def test_every_setting_is_on_the_card_of_a_run():
    recipe = Recipe(**{name: choose_other_value(name) for name in SETTINGS})
    recipe = replace(recipe, augmentation=True, styles=True, cosine_decay=True)
    run = store_run(outcome="finished", architecture="mlp")
    place = jobs.runs_directory() / run.id
    shutil.copytree(ARTIFACTS_DIRECTORY / "mlp", place, dirs_exist_ok=True)
    card = replace(load_card("mlp"), id=run.id, title="Mine", recipe=recipe.to_card())
    (place / "card.json").write_text(card.to_json())
    app = open_page("models.py", model="My own", view="Recipe")
    table = next(element.value for element in app.table if "Setting" in element.value)
    shown = dict(zip(table["Setting"], table["Value"], strict=True))
    for name in SETTINGS:
        # The card has these among the amounts of the augmentation.
        if name not in {"styles", "doubled", "unchanged"}:
            assert SETTINGS[name].title in shown
    amounts = recipe.applied_amounts
    assert (recipe.doubled, amounts.rotation) == ("rotation", 2 * HANDWRITING.rotation)
    for shown_amount in ("styles 0.2", "rotation 24", f"unchanged images {recipe.unchanged:g}"):
        assert shown_amount in shown["Augmentation"]
    assert shown["Optimizer"] == recipe.optimizer
    assert shown["Epochs"] == str(recipe.epochs)


@pytest.mark.usefixtures("mnist_seems_there")
def test_a_blank_name_is_a_sentence():
    app = open_page("train.py")
    app.text_input(key="name").set_value(" ").run()
    app.button(key="train").click().run()
    assert app.error[0].value.startswith("The name of a run must have 1 to 60 characters.")


def test_without_tensorflow_the_page_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(jobs, "find_spec", lambda _: None)
    store_run(make_progress(), outcome="stopped")
    app = open_page("train.py")
    assert app.info[0].value == jobs.explain_no_training()
    assert "train" not in list_buttons(app)


@pytest.mark.parametrize(
    ("outcome", "sentence", "offered"),
    [
        ("", "continue after epoch 1", {"resume", "remove"}),
        ("failed", "Expected ink, got none.", {"resume", "remove"}),
        ("stopped", "there is no model yet", {"resume", "remove"}),
        ("finished", "finished", set()),
    ],
)
def test_an_ended_training_shows_its_state_and_results(outcome, sentence, offered):
    store_run(make_progress(), outcome=outcome)
    app = open_page("train.py")
    assert not app.exception
    texts = [element.value for element in [*app.warning, *app.error, *app.info, *app.markdown]]
    assert any(sentence in text for text in texts)
    assert list_buttons(app) & {"resume", "remove", "stop"} == offered
    charts = [element.key for element in app.get("plotly_chart") if element.key]
    assert any("learning_run" in key for key in charts)
    assert any("confusion_run" in key for key in charts)
    pictures = " ".join(element.proto.body for element in app.get("html"))
    assert "A 3, predicted as 5" in pictures


@pytest.mark.usefixtures("mnist_seems_there")
def test_a_run_without_a_model_can_be_deleted_but_not_one_with_a_model():
    begun = replace(make_progress(), epoch=1, validations=(), confusion=(), examples=())
    early = store_run(begun, outcome="stopped")
    app = open_page("train.py")
    assert not [element for element in app.get("plotly_chart") if "learning" in str(element.key)]
    assert app.info[0].value.startswith("Stopped before the first epoch ended")
    next(element for element in app.button if element.key == f"remove_{early.id}").click().run()
    assert list_jobs(VISITOR) == []
    later = store_run(make_progress(), outcome="stopped")
    place = jobs.runs_directory() / later.id
    shutil.copytree(ARTIFACTS_DIRECTORY / "mlp", place, dirs_exist_ok=True)
    (place / "card.json").write_text(replace(load_card("mlp"), id=later.id).to_json())
    app = open_page("train.py")
    assert not app.info
    assert list_buttons(app) & {"resume", "remove"} == {"resume"}


@pytest.mark.usefixtures("mnist_seems_there")
def test_a_run_with_a_model_can_be_the_beginning_of_another():
    without = store_run(architecture="mlp")
    run = store_run(outcome="finished", architecture="mlp")
    place = jobs.runs_directory() / run.id
    shutil.copytree(ARTIFACTS_DIRECTORY / "mlp", place, dirs_exist_ok=True)
    card = replace(load_card("mlp"), id=run.id)
    (place / "card.json").write_text(card.to_json())
    app = open_page("train.py")
    choice = app.selectbox(key="base")
    assert choice.options.count("My own") == 1  # the other one has no model
    choice.set_value(run.id).run()
    app.toggle(key="tune").set_value(True).run()
    app.button(key="train").click().run()
    assert not app.error
    plans = {job.run.id: job.run.plan for job in list_jobs(VISITOR)}
    (plan,) = (plan for run_id, plan in plans.items() if run_id not in (run.id, without.id))
    assert (plan["architecture"], plan["start_from"]) == ("mlp", run.id)


@pytest.mark.parametrize("owner", [VISITOR, None], ids=["own", "everybody's"])
@pytest.mark.parametrize(
    "changes", [{}, {"sweep": "sweep_0123456789ab"}, {"architecture": None, "layers": "Flatten"}]
)
def test_a_link_to_train_a_run_further_works_however_many_are_newer(owner, changes):
    plan = change_settings(TrainingPlan(architecture="mlp"), **read_changes(changes))
    old = make_run(
        owner=owner, name="Old", plan=plan.to_fields(), created_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    finish_run(old)
    for _ in range(11):
        store_run(outcome="finished")
    app = open_page("train.py", base="Old", tune="true")
    assert not app.exception
    assert app.selectbox(key="base").value == old.id
    assert not any("There is no model" in info.value for info in app.info)


def read_changes(changes: dict[str, object]) -> dict[str, object]:
    """Changes of a plan, with layers as in an address."""
    layers = changes.get("layers")
    return {**changes, "layers": read_layers(layers)} if layers else changes


@pytest.mark.parametrize("title", ["Committee", "Taught"])
def test_a_model_that_cannot_be_trained_is_named(title):
    plan = TrainingPlan(architecture="numpy_dense")
    finish_run(make_run(owner=VISITOR, name="Taught", plan=plan.to_fields()))
    app = open_page("train.py", base=title)
    assert app.selectbox(key="base").value == "lenet5"
    assert any(info.value.startswith(f"“{title}” cannot be trained") for info in app.info)


def test_a_run_whose_plan_cannot_be_read_is_left_out():
    finish_run(make_run(owner=VISITOR, name="Odd", plan={"recipe": {}}))
    app = open_page("train.py")
    assert not app.exception
    assert "Odd" not in app.selectbox(key="base").options


@pytest.mark.parametrize(
    ("after", "delta", "coloured"),
    [(0.91, "+1.00 points", True), (0.89, "-1.00 points", True), (0.90001, "No change", False)],
)
def test_only_a_change_that_two_decimals_show_has_an_arrow_and_a_colour(after, delta, coloured):
    run = store_run(outcome="finished", architecture="mlp")
    directory = jobs.runs_directory() / run.id
    shutil.copytree(ARTIFACTS_DIRECTORY / "mlp", directory, dirs_exist_ok=True)
    (directory / "card.json").write_text(replace(load_card("mlp"), id=run.id).to_json())
    before, now = Estimate(0.9, 0.0, 1.0), Estimate(after, 0.0, 1.0)
    report = Report("mlp", 20, 7, before, now, before, now)
    (directory / "job/report.json").write_text(report.to_json())
    *_, drawings, test = open_page("train.py").metric
    assert drawings.label == "Your held-out drawings"
    assert drawings.proto.help.startswith("Measured on 7 of your drawings")
    assert test.label.endswith("compared with before")
    for metric in (drawings, test):
        assert metric.delta == delta
        assert (metric.proto.direction != MetricProto.MetricDirection.NONE) == coloured
        assert (metric.proto.color != MetricProto.MetricColor.GRAY) == coloured


def wait_for(state: State) -> None:
    deadline = time.monotonic() + 60
    while list_jobs(VISITOR)[-1].state != state and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list_jobs(VISITOR)[-1].state == state


@pytest.fixture
def trainer_that_waits(monkeypatch):
    with pretend_to_train(monkeypatch):
        yield


@pytest.mark.usefixtures("mnist_seems_there", "trainer_that_waits")
def test_a_training_stands_on_top_as_soon_as_it_is_started():
    app = open_page("train.py")
    app.button(key="train").click().run()
    app.text_input(key="name").set_value("Second").run()
    app.button(key="train").click().run()
    assert not app.exception
    places = [element.proto.text for element in app.get("progress")]
    assert any(text.startswith("Starting: loading TensorFlow") for text in places)
    assert any(text.startswith("Waiting: position 1 in the queue") for text in places)
    badges = [text.value for text in app.markdown if "-badge[" in text.value]
    assert any("blue-badge[training]" in badge for badge in badges)
    kinds = [element.type for element in app.main]
    assert kinds.index("progress") < kinds.index("selectbox")  # above the settings of the next one


@pytest.mark.usefixtures("mnist_seems_there", "trainer_that_waits")
def test_the_navigation_marks_a_training_on_every_page_until_it_ends(monkeypatch):
    groups = []
    show = st.navigation
    monkeypatch.setattr(
        st, "navigation", lambda pages, **options: groups.append([*pages]) or show(pages, **options)
    )
    app = open_page("train.py")
    assert groups[-1][-1] == "Train"
    app.button(key="train").click().run()
    assert groups[-1][-1] == "Train (training)"
    other = open_page("models.py")
    assert groups[-1][-1] == "Train (training)"
    other.session_state["visitor"] = "berta"
    other.run()
    assert groups[-1][-1] == "Train"
    (job,) = list_jobs(VISITOR)
    jobs.stop(job.run.id, VISITOR)
    wait_for(State.STOPPED)
    open_page("models.py")
    assert groups[-1][-1] == "Train"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"stage": "starting", "seconds_left": 11.0}, "Starting: loading TensorFlow · about 10 s"),
        ({"stage": "preparing"}, "Starting: preparing the images"),
        ({}, "Training: epoch 2 of 4, batch 3 of 10"),
        ({"seconds_left": 3.0}, "Training: epoch 2 of 4, batch 3 of 10 · a few seconds left"),
        ({"seconds_left": 250.0}, "Training: epoch 2 of 4, batch 3 of 10 · about 4 min left"),
        ({"stage": "measuring"}, "Evaluating the trained model"),
    ],
)
def test_a_running_training_says_what_it_does(monkeypatch, changes, text):
    run = store_run(replace(make_progress(), written_at=time.time(), **changes))
    monkeypatch.setattr(jobs, "is_training", lambda run_id: run_id == run.id)
    app = open_page("train.py")
    assert app.get("progress")[0].proto.text.startswith(text)
    assert "remove" not in list_buttons(app)
    assert ("stop" in list_buttons(app)) == (changes.get("stage") != "measuring")


def test_other_visitors_trainings_are_not_shown():
    store_run(make_progress(), outcome="stopped")
    app = open_page("train.py")
    app.session_state["visitor"] = "berta"
    app.run()
    assert any("You have not trained a model yet" in info.value for info in app.info)
