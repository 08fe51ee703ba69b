"""What the Train page shows before a training: the time, what there is to beat, past changes."""

import json
import sys
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.inference.classifier import load_classifier
from core.models.files import load_card, runs_directory
from core.runs import jobs, time_measurement
from core.runs.durations import save_duration
from core.runs.plan import TrainingPlan, change_settings
from core.runs.recipe import Recipe
from core.runs.speeds import Speeds, save_speeds
from core.runs.training_data import split_bundled_digits
from tests.core.runs.conftest import finish_run, finish_run_on_bundled_digits, make_run
from tests.pages.conftest import VISITOR, open_page

# Those of the bundled digits, which every machine has.
CHOICES = {"data": "Bundled digits", "base": "Logistic regression"}
SPEEDS = Speeds(once=10.0, batch=0.2, between=6.0, predicted=1065, copy_image=0.01)
# Saves the speeds of its plan, as the real process does.
TIMER = """
import json, sys
from pathlib import Path
from core.runs.plan import TrainingPlan
from core.runs.speeds import Speeds, save_speeds

plan = TrainingPlan.from_fields(json.loads((Path(sys.argv[1]) / "plan.json").read_text()))
save_speeds(plan, Speeds(once=10.0, batch=0.2, between=6.0, predicted=1065, copy_image=0.01))
"""
FAILING = """
import sys
from pathlib import Path
(Path(sys.argv[1]) / "reason.txt").write_text("the paper is wet")
sys.exit(1)
"""


@pytest.fixture(autouse=True)
def training_seems_possible(monkeypatch):
    monkeypatch.setattr(jobs, "find_spec", str)
    runs_directory().mkdir()
    save_duration(starting=5.0)


@pytest.fixture
def use_timer(monkeypatch) -> Callable[[str], None]:
    def use(script: str) -> None:
        monkeypatch.setattr(time_measurement, "TIMER", (sys.executable, "-c", script))

    return use


def read_time(app: AppTest) -> str:
    return next((text.value for text in app.markdown if "on this machine" in text.value), "")


def has_button(app: AppTest) -> bool:
    return "measure" in {button.key for button in app.button}


def test_the_time_is_measured_once_and_shown_for_other_epochs(use_timer):
    use_timer(TIMER)
    app = open_page("train.py", **CHOICES)
    assert read_time(app) == ""
    app.button(key="measure").click().run()
    assert not app.exception
    assert not has_button(app)
    app.slider(key="epochs").set_value(20).run()
    plan = app.session_state  # the page's own recipe has 4 copies and a batch size of 128
    copies, batch_size = plan["augmented_copies"], plan["batch"]
    added = 1.0 + 0.12 + 0.12 + 0.06
    steps = -(-round(1087 * added) // batch_size)
    seconds = 15.0 + copies * 1087 * 0.01 + 20 * (steps * 0.2 + 6.0)
    assert f"**About {seconds / 60:.0f} minutes** on this machine" in read_time(app)
    assert not has_button(app)
    app.select_slider(key="batch").set_value(16).run()
    assert read_time(app) == ""
    assert has_button(app)


def test_a_failed_measurement_is_a_sentence(use_timer):
    use_timer(FAILING)
    app = open_page("train.py", **CHOICES)
    app.button(key="measure").click().run()
    assert not app.exception
    assert app.error[0].value == "The paper is wet."
    assert has_button(app)


def test_during_a_training_the_button_is_off_and_says_why(monkeypatch):
    monkeypatch.setattr(time_measurement, "is_training", lambda _: True)
    (runs_directory() / "queue.json").write_text(
        json.dumps({"waiting": [], "running": "run_0123456789ab", "turns": {}})
    )
    app = open_page("train.py", **CHOICES)
    assert app.button(key="measure").disabled
    assert any("in training on this machine" in caption.value for caption in app.caption)


def read_to_beat(app: AppTest) -> str:
    return next((text.value for text in app.markdown if text.value.startswith("**To beat**")), "")


def test_the_built_in_model_and_the_best_run_are_to_beat():
    app = open_page("train.py", **CHOICES)
    test = split_bundled_digits().test
    found = load_classifier("logistic_regression").probabilities(test.frames).argmax(axis=1)
    accuracy = f"{(found == test.labels).mean():.2%}"
    assert read_to_beat(app).startswith(
        f"**To beat** (Bundled digits test): Logistic regression {accuracy} (95% interval "
    )
    assert "your most accurate run" not in read_to_beat(app)
    run = finish_run_on_bundled_digits(make_run(owner=VISITOR, name="_Mine_"))
    finish_run_on_bundled_digits(make_run(owner="berta", name="Hers"))
    app.run()
    own = load_card(run.id).metrics["test_accuracy"].value
    assert f"your most accurate run, \\_Mine\\_, {own:.2%}" in read_to_beat(app)
    assert "Hers" not in read_to_beat(app)


def test_layers_of_ones_own_have_nothing_to_beat_at_first():
    app = open_page("train.py", data="Bundled digits", base="Layers of your own")
    assert read_to_beat(app) == ""
    assert has_button(app)


def find_table(app: AppTest) -> list[dict[str, object]]:
    tables = [table.value for table in app.dataframe if "Setting" in table.value]
    return tables[0].to_dict("records") if tables else []


def test_runs_that_differ_in_one_setting_are_a_table():
    base = TrainingPlan(
        architecture="logistic_regression",
        recipe=Recipe.from_card(load_card("logistic_regression").recipe),
    )
    first = change_settings(base, training_data="bundled_digits", train_fraction=1)
    for name, plan in (("A", first), ("B", change_settings(first, cosine_decay=False))):
        app = open_page("train.py", **CHOICES)
        assert find_table(app) == []
        finish_run_on_bundled_digits(make_run(owner=VISITOR, name=name, plan=plan.to_fields()))
    finish_run(make_run(owner="berta", name="Hers", plan=base.to_fields()))
    (row,) = find_table(open_page("train.py", **CHOICES))
    assert row == {
        "Setting": "Cosine decay",
        "From": "on",
        "To": "off",
        "Accuracy": 0.0,  # both are the same network
        "95% interval": "+0.00 to +0.00",
        "p-value": "1.0000",
        "Runs": "A → B",
    }


def test_the_speeds_of_earlier_trainings_are_used():
    app = open_page("train.py", **CHOICES)
    assert read_time(app) == ""
    recipe = Recipe(batch_size=128, augmentation=False, averaging=True)
    plan = TrainingPlan(architecture="logistic_regression", recipe=recipe)
    save_speeds(change_settings(plan, training_data="bundled_digits", train_fraction=1), SPEEDS)
    app.run()
    # 1,087 images and 326 others are 12 batches; each of the five copies is made once.
    assert read_time(app).startswith(":material/schedule: **About ")
    assert "Start and evaluation 15 s · 5 augmented copies 54 s · 5 epochs 42 s" in {
        caption.value for caption in app.caption
    }
