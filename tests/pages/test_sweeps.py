"""The sweeps, on the page that shows them."""

import time
from dataclasses import replace

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs.job_files import State
from core.runs.jobs import list_jobs
from core.runs.run import save_run
from core.runs.sweeps import list_sweeps, load_sweep
from tests.pages.conftest import VISITOR, open_page
from tests.sweeps import save_sweep
from tests.trainers import pretend_to_train


@pytest.fixture(autouse=True)
def no_runs(monkeypatch, tmp_path):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))


@pytest.fixture
def trainer_that_waits(monkeypatch):
    monkeypatch.setattr("pages.widgets.training_data.has_mnist", lambda: True)
    with pretend_to_train(monkeypatch):
        yield


def find_forecast(app: object) -> str:
    return next(
        text.value for text in app.markdown if "training" in text.value and "**" in text.value
    )


def list_buttons(app: object) -> set[str]:
    return {str(button.key).split("_sweep_")[0] for button in app.button}


@pytest.mark.usefixtures("trainer_that_waits")
def test_a_sweep_is_started_stopped_and_resumed_on_the_page():
    app = open_page("sweeps.py", trained="Logistic regression")
    assert not app.exception
    assert find_forecast(app).startswith("**3 trainings**")
    app.slider(key="seeds").set_value(2).run()
    assert find_forecast(app).startswith("**6 trainings**")
    app.button(key="start_sweep").click().run()
    assert not app.exception
    assert not app.error
    (sweep,) = list_sweeps(owner=VISITOR)
    assert app.selectbox(key="sweep").value == sweep.id
    assert sweep.varied == ("learning_rate", "seed")
    assert {trial.plan.architecture for trial in sweep.trials} == {"logistic_regression"}
    assert app.get("progress")[0].proto.text.startswith("0 of 6 trials are trained.")
    assert "Starting: loading TensorFlow" in app.get("progress")[0].proto.text
    assert len(app.dataframe[0].value) == 6
    app.button(key=f"stop_sweep_{sweep.id}").click().run()
    wait_until_none_is_active(sweep.id)
    app.run()
    assert "stop_sweep" not in {button.key for button in app.button}
    app.button(key=f"resume_sweep_{sweep.id}").click().run()
    assert not app.exception
    states = [job.state for job in list_jobs(VISITOR, max_jobs=50, sweep=sweep.id)]
    assert states.count(State.QUEUED) == 5


def wait_until_none_is_active(sweep_id: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(
        job.state.is_active for job in list_jobs(VISITOR, max_jobs=50, sweep=sweep_id)
    ):
        time.sleep(0.02)


@pytest.mark.usefixtures("no_mnist", "trainer_that_waits")
def test_without_mnist_a_sweep_trains_on_the_bundled_digits(monkeypatch):
    monkeypatch.setattr("pages.widgets.training_data.has_mnist", lambda: False)
    app = open_page("sweeps.py", trained="Logistic regression")
    assert "all bundled digits" in find_forecast(app)
    app.button(key="start_sweep").click().run()
    assert not app.exception
    assert not app.error
    (sweep,) = list_sweeps(owner=VISITOR)
    assert {trial.plan.training_data for trial in sweep.trials} == {"bundled_digits"}
    assert {trial.plan.train_fraction for trial in sweep.trials} == {1}
    assert any("3 trials on Bundled digits." in caption.value for caption in app.caption)
    app.selectbox(key="data").set_value("mnist").run()
    assert not app.exception
    assert "start_sweep" not in list_buttons(app)
    assert "download_mnist" in list_buttons(app)


@pytest.mark.usefixtures("trainer_that_waits")
def test_too_few_and_too_many_trainings_cannot_be_started():
    app = open_page("sweeps.py")
    rates = next(group for group in app.button_group if group.key == "learning_rates")
    rates.set_value([0.001]).run()
    assert app.button(key="start_sweep").disabled
    app.slider(key="seeds").set_value(3).run()
    assert not app.button(key="start_sweep").disabled
    batches = next(group for group in app.button_group if group.key == "batch_sizes")
    batches.set_value([16, 32, 64, 128, 256]).run()
    assert "**15 trainings** are too many" in find_forecast(app)
    assert app.button(key="start_sweep").disabled
    assert not list_sweeps(owner=VISITOR)


@pytest.mark.usefixtures("trainer_that_waits")
def test_a_second_sweep_is_refused_in_a_sentence():
    app = open_page("sweeps.py")
    app.button(key="start_sweep").click().run()
    app.button(key="start_sweep").click().run()
    assert app.error[0].value.startswith("One of your sweeps is queued already.")
    assert len(list_sweeps(owner=VISITOR)) == 1


def test_the_sweep_of_another_visitor_is_not_shown():
    for trial in load_sweep(save_sweep(losses=(0.4, 0.3, 0.2, 0.1))).trials:
        save_run(replace(trial.run, owner="berta"))
    assert not open_page("sweeps.py").dataframe


def test_the_table_says_what_the_runs_say():
    sweep = load_sweep(save_sweep(losses=(0.4, None, 0.1, 0.3)))
    app = open_page("sweeps.py", sweep=sweep.id)
    assert not app.exception
    assert "Not ended: 1." in app.caption[-1].value
    table = app.dataframe[0].value
    assert list(table["Run"]) == [trial.run.id for trial in sweep.trials]
    assert list(table["Validation loss"]) == ["0.1000", "0.3000", "0.4000", "–"]
    assert list(table["Validation accuracy"]) == ["99.00%", "97.00%", "96.00%", "–"]
    assert list(table["Learning rate"]) == ["0.004", "0.004", "0.001", "0.001"]
    assert list(table["Augmentation"]) == ["on", "off", "on", "off"]
    assert len(app.get("plotly_chart")) == 1


def test_a_sweep_of_which_nothing_has_ended_has_no_figure_yet():
    save_sweep(losses=(None, None, None, None))
    app = open_page("sweeps.py")
    assert not app.exception
    assert not app.get("plotly_chart")
    assert "Not ended: 4." in app.caption[-1].value
