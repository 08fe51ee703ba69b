"""Runs on other training data than MNIST: every page names the digits of an accuracy."""

import pytest

from core.models.files import list_model_ids, load_card
from core.runs.run import Run
from tests.core.runs.conftest import finish_run, finish_run_on_bundled_digits, make_run
from tests.pages.conftest import VISITOR, open_page, read_accuracies

NOT_COMPARABLE = "measured on different digits"
LEARNED = "On others has learned from some of these digits"


@pytest.fixture
def other() -> Run:
    """A run of the visitor on the bundled digits."""
    return finish_run_on_bundled_digits(make_run(owner=VISITOR, name="On others"))


def list_texts(app: object) -> str:
    return " ".join(text.value for text in [*app.caption, *app.warning, *app.markdown])


def format_accuracy(model_id: str) -> str:
    return f"{load_card(model_id).metrics['test_accuracy'].value:.2%}"


def test_the_table_of_runs_names_the_test_sets_and_says_where_they_differ(other):
    app = open_page("runs.py")
    assert list(app.dataframe[0].value["Test set"]) == ["Bundled digits test"]
    finish_run(make_run(owner=VISITOR, name="On MNIST"))
    table = open_page("runs.py").dataframe[0].value
    shown = {row["Name"]: (row["Accuracy"], row["Test set"]) for _, row in table.iterrows()}
    assert shown["On others"] == (format_accuracy(other.id), "Bundled digits test")
    assert shown["On MNIST"] == (format_accuracy("logistic_regression"), "MNIST test")
    assert NOT_COMPARABLE in list_texts(open_page("runs.py"))


def test_a_run_is_compared_with_a_model_on_digits_that_neither_has_learned(other):
    app = open_page("runs.py", run=other.name)
    assert [metric.label for metric in app.metric] == [
        "On others, Bundled digits test",
        "Logistic regression, MNIST test",
    ]
    assert NOT_COMPARABLE in list_texts(app)
    assert "compared on the 355 test digits of the bundled digits" in list_texts(app)
    comparison = app.dataframe[1].value.iloc[0]  # the same weights under two names
    assert list(comparison[["Only A correct", "Only B correct"]]) == [0, 0]


@pytest.mark.usefixtures("no_mnist")
def test_without_mnist_it_is_compared_all_the_same(other):
    app = open_page("runs.py", run=other.name)
    assert not app.exception
    assert len(app.dataframe) == 2


@pytest.mark.usefixtures("other")
def test_the_training_curves_name_the_test_sets():
    app = open_page("curves.py", models=["On others", "LeNet-5"])
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "Test set" in frame.value)
    assert list(table["Test set"]) == ["Bundled digits test", "MNIST test"]
    assert NOT_COMPARABLE in list_texts(app)
    alone = open_page("curves.py", models="LeNet-5")
    assert NOT_COMPARABLE not in list_texts(alone)


@pytest.mark.usefixtures("other")
def test_a_run_that_was_not_measured_on_mnist_has_no_accuracy_among_those_that_were():
    app = open_page("models.py", model="On others", view="Recipe")
    assert not app.exception
    ours = app.dataframe[0].value.set_index("Model")["Ours"]
    assert ours.isna().to_dict() == {
        title: title == "On others"
        for title in [*(load_card(name).title for name in list_model_ids()), "On others"]
    }
    labels = [metric.label for metric in app.metric]
    assert "Bundled digits test" in labels
    assert "MNIST test" not in labels
    assert "Training data: Bundled digits." in list_texts(app)
    assert "Not measured on MNIST test: On others." in list_texts(app)


@pytest.mark.usefixtures("other", "mnist_test")
def test_confusion_matrices_on_mnist_are_measured_on_mnist():
    app = open_page("confusion.py", models=["On others", "Logistic regression"])
    assert not app.exception
    mine, built_in = read_accuracies(app)  # the same weights under two names
    assert mine == built_in == format_accuracy("logistic_regression")


@pytest.mark.usefixtures("other", "no_mnist")
def test_without_mnist_confusion_matrices_on_it_offer_the_download():
    app = open_page("confusion.py", models="On others")
    assert not app.exception
    assert "MNIST is not on this machine" in app.info[0].value


@pytest.mark.usefixtures("other")
@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("confusion.py", {"models": "On others", "data": "Bundled digits"}),
        ("errors.py", {"model": "On others", "dataset": "Bundled digits", "pair": "all"}),
        ("weak_spots.py", {"model": "On others", "dataset": "Bundled digits"}),
        ("map.py", {"model": "On others", "points": "Bundled digits"}),
        ("robustness.py", {"models": "On others", "dataset": "Bundled digits"}),
        (
            "models.py",
            {"model": "On others", "view": "Calibration", "calibration": "Bundled digits"},
        ),
    ],
)
def test_a_page_says_that_a_model_has_learned_some_of_its_digits(name, query):
    app = open_page(name, **query)
    assert not app.exception
    assert LEARNED in list_texts(app)
    others = {key: "LeNet-5" if value == "On others" else value for key, value in query.items()}
    assert LEARNED not in list_texts(open_page(name, **others))


@pytest.mark.usefixtures("other")
def test_models_are_compared_on_the_bundled_digits_that_no_run_learns():
    app = open_page("compare.py", models=["On others", "LeNet-5"], digits="Bundled digits")
    assert not app.exception
    assert "Only the digits of the test set are compared" in list_texts(app)
    assert LEARNED not in list_texts(app)
    alone = open_page("compare.py", models=["MLP", "LeNet-5"], digits="Bundled digits")
    assert "Only the digits of the test set are compared" not in list_texts(alone)
