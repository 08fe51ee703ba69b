"""Addresses with empty and wrong values: every choice falls back to its default."""

import pytest
from streamlit.testing.v1 import AppTest

from core.drawings.store import DrawingStore, default_url
from tests.core.drawings.conftest import make_drawing
from tests.pages.conftest import VISITOR, list_choices, open_page

# A page, what its address has to say so that all choices are there, and the other parameters.
VIEWS = [
    ("draw.py", {}, "source closer predict place tour"),
    ("draw.py", {"predict": "One model"}, "model"),
    ("draw.py", {"closer": "Sensitivity"}, "change by_hand"),
    ("draw.py", {"closer": "Similar errors"}, "look_alikes_of"),
    ("collect.py", {}, "each"),
    ("drawings.py", {}, "digit misread drawing page"),
    ("train.py", {}, "base tune epochs rate batch share drawings seed augmentation optimizer"),
    ("train.py", {"base": "Layers of your own"}, "layers"),
    ("curves.py", {}, "metric log epoch model"),
    ("confusion.py", {}, "data cells errors_only"),
    ("errors.py", {}, "dataset model show pair way confidence capped image page"),
    ("errors.py", {"image": "1"}, "detail"),
    ("compare.py", {}, "digits region two"),
    ("robustness.py", {"live": "true"}, "dataset corruption digit measure table"),
    ("models.py", {}, "model view"),
    ("models.py", {"view": "Calibration"}, "calibration"),
    ("runs.py", {}, "run with"),
    ("sweeps.py", {}, "sweep"),
]


@pytest.fixture(autouse=True)
def drawings():
    store = DrawingStore(default_url())
    store.save(*(make_drawing(owner=VISITOR, label=label) for label in (1, 2, 3)))
    store.close()


def open_view(name: str, query: dict[str, str]) -> AppTest:
    app = open_page(name, **query)
    return app.button(key="sample").click().run() if name == "draw.py" else app


def read_choices(app: AppTest) -> dict[str, object]:
    """The values of the choices, but for those whose keys contain what the random sample was."""
    choices = [*list_choices(app).values(), *app.slider, *app.select_slider, *app.number_input]
    return {choice.key: choice.value for choice in choices if choice.key}


@pytest.mark.parametrize("value", ["", "-1"])
@pytest.mark.parametrize(("name", "query", "parameters"), VIEWS)
def test_an_empty_or_wrong_value_falls_back_to_the_default(name, query, parameters, value):
    app = open_view(name, query | dict.fromkeys(parameters.split(), value))
    assert not app.exception
    assert not app.error
    assert read_choices(app) == read_choices(open_view(name, query))


def test_an_address_may_name_no_model():
    app = open_page("confusion.py", models="")
    assert app.pills(key="models").value == []
    assert app.info[0].value == "Choose at least one model."
