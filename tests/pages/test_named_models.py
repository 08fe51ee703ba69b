"""Addresses that name models by titles that they do not have, or not any more."""

from datetime import UTC, datetime, timedelta

import pytest

from core.runs.store import delete_run
from pages.parts.router.named_models import OTHER_OPTIONS
from tests.core.runs.conftest import finish_run, make_run
from tests.pages.conftest import VISITOR, open_page

NOW = datetime.now(UTC)


def add_run(name: str, *, minutes: int = 0) -> str:
    """Keep a run of the visitor; returns its id."""
    created_at = NOW + timedelta(minutes=minutes)
    return finish_run(make_run(owner=VISITOR, name=name, created_at=created_at)).id


@pytest.mark.parametrize("option", sorted(OTHER_OPTIONS))
def test_no_run_has_the_title_of_another_option(option):
    """A link that says that there is no teacher must not choose a run of this name."""
    run_id = add_run(option)
    app = open_page("train.py", teacher=option)
    titles = app.selectbox(key="teacher").options
    assert titles.count(option) <= 1
    assert f"{option} · {run_id[-4:]}" in titles


@pytest.mark.parametrize(
    ("page", "parameter"),
    [
        ("map.py", "model"),
        ("weak_spots.py", "other"),
        ("compare.py", "models"),
        ("drawings.py", "misread"),
        ("draw.py", "learns"),
        ("train.py", "teacher"),
        ("train.py", "base"),
        ("sweeps.py", "trained"),
        ("compare.py", "two"),
        ("errors.py", "explained"),
    ],
)
def test_a_model_that_does_not_exist_is_named(page, parameter):
    app = open_page(page, **{parameter: "Gone *1*"})
    assert not app.exception
    said = [info.value for info in app.info if "There is no model" in info.value]
    assert said == [
        "There is no model “Gone \\*1\\*” here. It may have been renamed or deleted, or belong to "
        "somebody else."
    ]


@pytest.mark.parametrize(
    ("page", "choice"),
    [
        ("map.py", {"model": "MLP"}),
        ("weak_spots.py", {"other": "No other model"}),
        ("errors.py", {"show": "Why this pair", "pool": "All built-in models"}),
        ("drawings.py", {"misread": "No filter"}),
        ("train.py", {"base": "Layers of your own"}),
        ("compare.py", {"two": "CNN and MLP"}),
        ("errors.py", {"explained": "mlp"}),
    ],
)
def test_nothing_is_said_of_options_that_exist(page, choice):
    app = open_page(page, **choice)
    assert not any("There is no model" in info.value for info in app.info)


@pytest.mark.parametrize(
    ("pair", "gone"),
    [
        ("MLP and Gone", ["Gone"]),
        ("Salt and pepper and Gone", ["Gone"]),
        ("Here and gone and Salt and pepper", ["Here and gone"]),
        ("One and Two", ["One", "Two"]),
    ],
)
def test_of_a_pair_the_models_are_named_that_do_not_exist(pair, gone):
    add_run("Salt and pepper")
    app = open_page("compare.py", two=pair)
    said = [info.value for info in app.info if "There is no model" in info.value]
    assert [sentence.split("”")[0] for sentence in said] == [
        f"There is no model “{title}" for title in gone
    ]


def test_links_of_earlier_versions_of_the_train_page_name_a_run_as_ones_own():
    run = add_run("Mine")
    app = open_page("train.py", base="Mine (yours)")
    assert app.selectbox(key="base").value == run
    assert not any("There is no model" in info.value for info in app.info)


def test_commas_in_titles_divide_no_list():
    runs = [add_run(name) for name in ("3, 4", "3", "4")]
    app = open_page("confusion.py", models=["3, 4", "LeNet-5"])
    assert app.multiselect(key="models").value == [runs[0], "lenet5"]
    assert not any("There is no model" in info.value for info in app.info)


def test_links_to_two_runs_of_one_name_open_each_whichever_is_newer_or_deleted():
    old = add_run("Mine")
    assert open_page("map.py", model="Mine").selectbox(key="model").value == old
    new = add_run("Mine", minutes=1)
    assert open_page("map.py", model="Mine").selectbox(key="model").value == old
    link = f"Mine · {new[-4:]}"
    assert open_page("map.py", model=link).selectbox(key="model").value == new
    delete_run(VISITOR, old)
    app = open_page("confusion.py", models=[link, "MLP"])
    assert app.multiselect(key="models").value == [new, "mlp"]
    assert not any("There is no model" in info.value for info in app.info)
