"""Runs on the pages: every list of models offers them to their owners; and the Runs page."""

import json
import shutil
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.drawings.drawing import StorageUnavailableError
from core.models.files import (
    CARD_FILE,
    WEIGHTS_FILE,
    list_model_ids,
    load_card,
    runs_directory,
)
from core.runs import jobs, store
from core.runs.exchange import export_run
from core.runs.run import list_runs, load_run, new_run_id
from core.runs.store import list_deleted
from pages.widgets.pickers import choose_defaults
from tests.core.runs.conftest import (
    damage,
    finish_run,
    finish_taught_run,
    make_run,
    rebuild_built_in,
)
from tests.pages.conftest import (
    VISITOR,
    list_choices,
    open_page,
    read_accuracies,
    read_ranking,
    try_every_choice,
)

# Where models are picked, how the choice is called, and what opens it.
CHOICES = [
    ("draw.py", "model", {"predict": "One model"}),
    ("curves.py", "models", {}),
    ("curves.py", "model", {}),
    ("confusion.py", "models", {}),
    ("errors.py", "model", {}),
    ("weak_spots.py", "model", {}),
    ("compare.py", "models", {}),
    ("map.py", "model", {}),
    ("robustness.py", "models", {}),
    ("models.py", "model", {}),
    ("runs.py", "run", {}),
]


@pytest.fixture
def mine():
    return finish_run(make_run(owner=VISITOR, name="My net", description="What I trained"))


def open_choice(name: str, key: str, query: dict[str, str]):
    app = open_page(name, **query)
    if name == "draw.py":
        app.button(key="sample").click().run()
    assert not app.exception
    return app, list_choices(app).get(key)


@pytest.mark.parametrize(("name", "key", "query"), CHOICES)
def test_a_run_is_offered_by_name_to_its_owner_until_it_is_deleted(mine, name, key, query):
    everybodys = finish_run(make_run(name="Everybody's"))
    app, choice = open_choice(name, key, query)
    assert {mine.name, everybodys.name} <= {*choice.options}
    several = isinstance(choice.value, list)
    assert not several or choice.value == choose_defaults(dict.fromkeys(list_model_ids()))
    choice.set_value([*choice.value, mine.id] if several else mine.id).run()
    assert not app.exception
    assert not app.error
    shutil.rmtree(runs_directory() / mine.id)
    app.run()
    assert not app.exception
    assert not app.error
    assert mine.name not in list_choices(app)[key].options
    finish_run(replace(mine, id=new_run_id(), owner="berta"))
    app.run()
    assert mine.name not in list_choices(app)[key].options


@pytest.mark.usefixtures("mine")
def test_a_visitor_does_not_see_what_was_loaded_for_another():
    app, _ = open_choice("draw.py", "model", {"predict": "All models"})
    assert "My net" in read_ranking(app)
    app.session_state["visitor"] = "berta"
    app.run()
    assert len(read_ranking(app)) == len(list_model_ids())
    assert "My net" not in read_ranking(app)


@pytest.mark.parametrize("view", ["Weights", "Calibration", "Weak spots", "Recipe"])
def test_every_view_of_a_run_opens(mine, view):
    app = open_page("models.py", view=view, model="My net")
    assert not app.exception
    assert app.selectbox(key="model").value == mine.id
    assert any(text.value == "What I trained" for text in app.markdown)


@pytest.mark.usefixtures("mine")
def test_a_run_is_named_in_sentences_figures_and_tables():
    app = open_page("confusion.py", models="My net", data="Bundled digits")
    assert any(text.value.startswith("**My net** ") for text in app.markdown)
    app = open_page("curves.py", models="My net")
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert "My net" in {trace["name"] for trace in figure["data"]}
    app = open_page("errors.py", model="My net", dataset="Bundled digits", pair="all")
    assert any("misclassified by My net" in text.value for text in app.markdown)
    app = open_page("models.py")
    assert "My net" in list(app.dataframe[0].value["Model"])


def test_a_run_that_was_trained_further_is_loaded_again(mine, monkeypatch):
    read = []
    for model_id in ("logistic_regression", "mlp"):
        monkeypatch.setattr("tests.core.runs.conftest.MODEL_ID", model_id)
        finish_run(mine)
        app = open_page("confusion.py", models="My net", data="Bundled digits")
        read += read_accuracies(app)
    assert read == [
        f"{load_card(model_id).metrics['bundled_digits_accuracy'].value:.2%}"
        for model_id in ("logistic_regression", "mlp")
    ]


@pytest.mark.parametrize("parent", ["mlp", None])
def test_a_run_leads_to_its_comparison_with_the_model_it_comes_from(parent):
    mine = make_run(owner=VISITOR, name="My net")
    finish_run(replace(mine, plan={**mine.plan, "start_from": parent}))
    link = next(
        link.proto for link in open_page("runs.py").get("page_link") if "compare" in link.proto.page
    )
    titles = parse_qs(link.query_string)["models"]
    assert titles == ["My net", load_card(parent or mine.plan["architecture"]).title]
    app = open_page("compare.py", models=titles, digits="Bundled digits")
    assert app.multiselect(key="models").value == [mine.id, parent or mine.plan["architecture"]]


@pytest.mark.usefixtures("mine")
def test_suspected_labels_are_those_of_the_built_in_models():
    app = open_page("errors.py", show="Suspected label errors", dataset="Bundled digits")
    assert any(
        f"all {len(list_model_ids())} built-in models" in text.value for text in app.markdown
    )


@pytest.mark.usefixtures("mine")
def test_a_saved_drawing_has_the_predictions_of_the_runs_that_were_chosen():
    from core.drawings.store import DrawingStore, default_url

    drawings = DrawingStore(default_url())
    built_in = len(list_model_ids())
    for choice, count in (("Default models", built_in), ("All models", built_in + 1)):
        app, _ = open_choice("draw.py", "model", {"predict": choice})
        key = next(button.key for button in app.button if button.key.startswith("yes_"))
        app.button(key=key).click().run()
        (saved,) = drawings.find(VISITOR)
        assert len(saved.predictions) == count
        drawings.delete(VISITOR, [saved.id])
    drawings.close()


def test_the_robustness_of_a_run_is_measured_on_request(mine):
    app = open_page("robustness.py", dataset="Bundled digits", models="My net")
    assert not app.exception
    assert "Not measured yet: My net." in app.info[0].value
    app.toggle(key="measure").set_value(True).run()
    assert not app.exception
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    curve = next(trace for trace in figure["data"] if trace.get("name") == "My net")
    assert len(curve["y"]) == 6
    card = load_card(mine.id)
    assert curve["y"][0] == pytest.approx(card.metrics["bundled_digits_accuracy"].value, abs=0.03)


@pytest.mark.parametrize("name", ["draw.py", "models.py", "runs.py"])
def test_a_damaged_run_breaks_no_page(mine, name):
    damage(mine, "model.tflite")
    app = open_page(name)
    assert not app.exception
    assert not app.error
    if name == "runs.py":
        assert app.warning[0].value.startswith("“My net” is damaged, so no page shows it. ")
        assert "model.tflite" in app.warning[0].value
        app.button(key=f"delete_{mine.id}").click().run()
        assert not app.warning
        assert list_deleted(VISITOR) == [mine]


def test_without_a_run_the_page_explains_how_to_get_one():
    app = open_page("runs.py")
    assert "You have no run yet" in app.info[0].value
    assert not app.dataframe


def test_the_table_lists_the_runs_newest_first(mine):
    newer = finish_run(make_run(owner=VISITOR, name="Newer"))
    finish_run(make_run(owner="berta", name="Hers"))
    table = open_page("runs.py").dataframe[0].value
    assert list(table["Name"]) == ["Newer", "My net"]
    assert set(table["Architecture"]) == {"Logistic regression"}
    accuracy = load_card(mine.id).metrics["test_accuracy"]
    assert set(table["Test set"]) == {"MNIST test"}
    assert list(table["Accuracy"]) == [f"{accuracy.value:.2%}"] * 2
    assert load_run(newer.id).name == "Newer"


def test_every_choice_of_the_page_works(mine):
    finish_run(make_run(owner=VISITOR, name=mine.name))
    try_every_choice("runs.py")


def test_a_run_is_renamed_and_stays_picked(mine):
    finish_run(make_run(owner=VISITOR, name="Another"))
    app = open_page("runs.py", run="My net")
    app.text_input(key=f"name_{mine.id}").set_value("Better")
    app.text_area(key=f"description_{mine.id}").set_value("With slashes")
    next(button for button in app.button if button.proto.label == "Save").click().run()
    assert not app.exception
    assert app.toast[0].value == "Renamed."
    assert (load_run(mine.id).name, load_run(mine.id).description) == ("Better", "With slashes")
    assert app.selectbox(key="run").value == mine.id
    assert "Better" in app.selectbox(key="run").options


def test_a_blank_name_is_refused_in_a_sentence(mine):
    app = open_page("runs.py")
    app.text_input(key=f"name_{mine.id}").set_value("  ")
    next(button for button in app.button if button.proto.label == "Save").click().run()
    assert app.toast[0].value.startswith("The name of a run must have 1 to 60 characters.")
    assert load_run(mine.id) == mine


def test_a_deleted_run_is_gone_until_it_is_restored(mine):
    app = open_page("runs.py")
    app.button(key=f"delete_{mine.id}").click().run()
    assert "You have no run yet" in app.info[0].value
    assert list_runs(VISITOR) == []
    app.button(key="undo").click().run()
    assert not app.exception
    assert app.toast[0].value == "Restored."
    assert [run.id for run in list_runs(VISITOR)] == [mine.id]
    assert list(app.dataframe[0].value["Name"]) == ["My net"]


def test_a_run_deleted_in_another_window_is_a_sentence(mine):
    app = open_page("runs.py")
    store.delete_run(VISITOR, mine.id)
    app.button(key=f"delete_{mine.id}").click().run()
    assert not app.exception
    assert "not one of your runs" in app.toast[0].value


def test_a_shared_run_can_be_exported_but_not_changed():
    finish_run(make_run(name="Everybody's"))
    app = open_page("runs.py")
    assert app.get("download_button")
    assert not [button for button in app.button if button.key.startswith("delete_")]
    assert not [field for field in app.text_input if field.key.startswith("name_")]


@pytest.mark.usefixtures("mine", "mnist_test")
def test_a_run_is_compared_with_the_built_in_model_of_its_architecture():
    app = open_page("runs.py")
    assert app.selectbox(key="with").value == "logistic_regression"
    comparison = app.dataframe[1].value.iloc[0]
    assert list(comparison[["Only A correct", "Only B correct", "p-value"]]) == [0, 0, "1.0000"]
    app.selectbox(key="with").set_value("mlp").run()
    table = app.table[0].value
    assert list(table.columns) == ["Setting", "My net", "MLP"]
    epochs = [load_card(model_id).recipe["epochs"] for model_id in ("logistic_regression", "mlp")]
    row = table[table["Setting"] == "Epochs"].iloc[0]
    assert [row["My net"], row["MLP"]] == [str(count) for count in epochs]
    assert app.dataframe[1].value.iloc[0]["Better"] == "MLP"
    metrics = [metric.value for metric in app.metric]
    assert metrics == [
        f"{load_card(model_id).metrics['test_accuracy'].value:.2%}"
        for model_id in ("logistic_regression", "mlp")
    ]


@pytest.mark.usefixtures("no_mnist")
def test_without_mnist_the_recipes_are_still_compared(mine):
    app = open_page("runs.py", **{"with": "MLP", "run": mine.name})
    assert not app.exception
    assert len(app.table) == 1
    assert "MNIST is not on this machine" in app.info[0].value


def import_file(contents: bytes) -> AppTest:
    app = open_page("runs.py")
    app.file_uploader(key="import_file").set_value(("run.zip", contents, "application/zip"))
    app.button(key="import_now").click().run()
    assert not app.exception
    return app


def test_an_imported_run_belongs_to_the_visitor(tmp_path, monkeypatch):
    monkeypatch.setattr("core.runs.exchange.rebuild_model", rebuild_built_in)
    built_in = list_model_ids()
    hers = finish_run(make_run(owner="berta", name="Hers"), tmp_path)
    app = import_file(export_run(hers.id, tmp_path))
    (run,) = list_runs(VISITOR)
    assert (run.name, run.owner) == ("Hers", VISITOR)
    assert list(app.dataframe[0].value["Name"]) == ["Hers"]
    assert list_model_ids() == built_in


def test_the_visitors_runs_are_listed_before_shared_ones():
    mine = finish_run(make_run(owner=VISITOR, name="Mine"))
    finish_run(make_run(name="Everybody's, newer"))
    app = open_page("runs.py")
    assert list(app.dataframe[0].value["Name"]) == ["Mine", "Everybody's, newer"]
    assert app.selectbox(key="run").value == mine.id


def test_without_tensorflow_the_page_says_that_an_import_needs_it(mine, monkeypatch):
    monkeypatch.setattr(jobs, "find_spec", lambda _: None)
    app = open_page("runs.py")
    assert app.info[0].value.startswith("Importing a run needs TensorFlow")
    assert not app.get("file_uploader")
    assert not app.get("download_button")[0].proto.disabled
    card = load_card(mine.id)
    earlier = {name: digest for name, digest in card.files.items() if name != WEIGHTS_FILE}
    file = runs_directory() / mine.id / CARD_FILE
    file.write_text(replace(card, files=earlier).to_json(), "utf-8")
    (export,) = open_page("runs.py").get("download_button")
    assert export.proto.disabled
    assert export.proto.help.startswith("Exporting a run of an earlier version needs TensorFlow")


@pytest.mark.parametrize("error", [StorageUnavailableError, OSError])
def test_a_failed_import_is_a_sentence_in_the_form(monkeypatch, error):
    def fail(*_: object) -> None:
        raise error("expected room, got a full disk")

    monkeypatch.setattr("pages.parts.runs.exchange.import_run", fail)
    app = import_file(b"run")
    assert [error.value for error in app.error] == ["Expected room, got a full disk."]
    assert app.info


def test_a_file_that_is_no_run_is_a_sentence_and_leaves_nothing():
    app = import_file(b"notes")
    assert app.error[0].value.startswith("This file is not a zip of a run")
    assert not runs_directory().exists()


def test_an_import_over_the_quota_is_a_sentence(mine, monkeypatch):
    monkeypatch.setattr(store, "MAX_RUNS", 1)
    app = import_file(export_run(mine.id))
    assert app.error[0].value.startswith("You can keep at most 1 runs.")
    assert list_runs(VISITOR) == [mine]


def test_pages_say_what_a_model_was_taught():
    finish_taught_run(make_run(owner=VISITOR, name="Pupil"))
    app = open_page("runs.py", run="Pupil")
    assert not app.exception
    assert app.dataframe[0].value["Epochs"].item().endswith(" steps")
    assert "Its last layer was taught 5 drawings." in [text.value for text in app.markdown]
    rows = {row["Setting"]: row["Pupil"] for _, row in app.table[0].value.iterrows()}
    assert rows["Start from"] == "Logistic regression"
    assert (rows["Taught drawings"], rows["Steps"]) == ("5", "60")
    assert "Training images" not in {name for name, value in rows.items() if value != "–"}
    app = open_page("models.py", model="Pupil")
    assert "Steps" in [metric.label for metric in app.metric]
    captions = [one.value for one in open_page("curves.py", models="Pupil", model="Pupil").caption]
    assert any(
        "only the last layer learned: Pupil. An epoch is one step" in one for one in captions
    )
    assert any("were kept: it is the last step" in one for one in captions)
    assert not any("An epoch is one step" in one.value for one in open_page("curves.py").caption)
