"""Addresses with empty, wrong, repeated and hostile values: choices fall back to their defaults."""

from functools import cache

import pytest
from streamlit.testing.v1 import AppTest

from core.drawings.store import DrawingStore, default_url
from tests.core.drawings.conftest import make_drawing
from tests.pages.conftest import VISITOR, list_choices, open_page

# A page, what its address has to say so that all choices are there, and the other parameters.
VIEWS = [
    ("draw.py", {}, "source tab predict place tour"),
    ("draw.py", {"predict": "One model"}, "model"),
    ("draw.py", {"tab": "What would change it"}, "change amount_rotation"),
    ("draw.py", {"tab": "Network"}, "network member"),
    ("draw.py", {"tab": "Look-alikes"}, "look_alikes_of"),
    ("draw.py", {"tab": "Teach"}, "learns"),
    ("collect.py", {}, "each"),
    ("drawings.py", {}, "digit misread drawing page"),
    ("train.py", {}, "base tune epochs rate batch share drawings seed augmentation optimizer"),
    ("train.py", {"teacher": "Deep CNN"}, "temperature doubled unchanged averaging"),
    ("train.py", {"base": "Layers of your own"}, "layers"),
    ("curves.py", {}, "metric log epoch model"),
    ("confusion.py", {}, "data cells errors_only figures_lenet5"),
    ("errors.py", {}, "dataset model show pair way order confidence capped image page"),
    ("errors.py", {"image": "1"}, "detail where"),
    ("errors.py", {"show": "Why this pair", "detail": "Attributions"}, "pool explained"),
    ("weak_spots.py", {}, "dataset model other"),
    ("compare.py", {}, "digits region two cost"),
    ("map.py", {}, "points model colour true predicted area"),
    ("map.py", {"true": "4"}, "page image detail"),
    ("robustness.py", {"live": "true"}, "dataset corruption digit measure table amount_rotation"),
    ("robustness.py", {}, "live"),
    ("models.py", {}, "model view cost"),
    ("models.py", {"view": "Network"}, "network_digit"),
    ("models.py", {"view": "Calibration"}, "calibration"),
    ("runs.py", {}, "run with"),
    (
        "sweeps.py",
        {},
        "sweep trained share epochs seeds learning_rates batch_sizes optimizers augmentations",
    ),
]

WRONG = {
    "empty": "",
    "out of range": "-1",
    "infinite": "1e309",
    "repeated": ("", "nan", "nan"),
    "hostile": "\"><img src=x onerror=alert(1)>[a](javascript:b)\0\u202e'; DROP TABLE x;--"
    + "../" * 999,
}


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
    return {
        choice.key: choice.value
        for choice in choices
        # The other keys contain the id of a drawing.
        if choice.key and not choice.key.startswith("label_")
    }


@cache
def read_defaults(name: str, **query: str) -> dict[str, object]:
    return read_choices(open_view(name, query))


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("name", "query", "parameters"), VIEWS)
def test_a_wrong_value_falls_back_to_the_default(name, query, parameters, value):
    app = open_view(name, query | dict.fromkeys(parameters.split(), value))
    assert not app.exception
    assert not app.error
    assert read_choices(app) == read_defaults(name, **query)


def test_an_address_may_name_no_model():
    app = open_page("confusion.py", models="")
    assert app.multiselect(key="models").value == []
    assert app.info[0].value == "Choose at least one model."
