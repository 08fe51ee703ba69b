"""The tour: every step is a page with its choices made, whichever step one comes from."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.digits import datasets
from core.digits.strokes import canvas_from_strokes
from tests.pages.conftest import ROOT, open_page


def list_steps() -> list:
    """The steps, read when a page has run: the pad can be loaded only then."""
    from pages.widgets.data import choose_dataset
    from pages.widgets.tour import list_steps

    return list_steps(choose_dataset())


def go_to(app: AppTest, number: int, steps: list) -> None:
    """Follow the link to a step."""
    step = steps[number - 1]
    app.query_params.clear()
    for key, value in {"tour": str(number), **step.choices}.items():
        app.query_params[key] = list(value) if isinstance(value, tuple) else value
    app.switch_page(step.page)
    app.run()


def read_choice(app: AppTest, key: str) -> str | tuple[str, ...]:
    """What is chosen under a key, as the URL would say it."""
    for one in [*app.segmented_control, *app.pills]:
        if one.key == key or str(one.key).startswith(f"{key}_"):
            values = tuple(one.formatted_values)
            return values if key == "models" else values[0]
    for one in app.selectbox:
        if one.key == key:
            return str(one.format_func(one.value))
    for one in app.toggle:
        if one.key == key:
            return str(one.value).lower()
    return app.session_state[key]  # tabs, which AppTest does not tell the state of


def expect_step(app: AppTest, number: int, steps: list) -> None:
    step = steps[number - 1]
    assert not app.exception, step
    assert not app.error, step
    assert not app.warning, step
    assert [one for one in app.markdown if step.note in one.value], step
    for key, wanted in step.choices.items():
        chosen = read_choice(app, key)
        # What is counted stands behind the name of a choice whose label holds counts.
        if isinstance(chosen, str) and " · " in chosen:
            chosen = chosen.split(" · ")[0]
        assert str(chosen).lower() == str(wanted).lower(), (step.page, key)


def test_every_step_is_on_a_page_that_exists_and_asks_another_question():
    open_page("draw.py")
    steps = list_steps()
    assert all((ROOT / "pages" / step.page).is_file() for step in steps)
    assert len({step.title for step in steps}) == len(steps) >= 6
    assert steps[0].page == "draw.py"


@pytest.mark.parametrize("mnist", [True, False], ids=["mnist", "bundled digits"])
def test_every_step_shows_its_choices_forwards_and_backwards(monkeypatch, tmp_path, mnist):
    if not mnist:
        monkeypatch.delenv("DIGITLAB_MNIST", raising=False)
        monkeypatch.setattr(datasets, "mnist_cache_directory", lambda: tmp_path)
    app = open_page("draw.py")
    steps = list_steps()
    forwards = [*range(1, len(steps) + 1)]
    for number in forwards + forwards[-2::-1]:
        go_to(app, number, steps)
        expect_step(app, number, steps)
        assert not [one for one in app.info if "MNIST is not" in one.value]


def test_a_step_replaces_what_the_visitor_chose_before():
    app = open_page("robustness.py")
    steps = list_steps()
    number = next(n for n, step in enumerate(steps, 1) if step.page == "robustness.py")
    app.segmented_control(key="dataset").set_value("bundled_digits").run()
    app.selectbox(key="corruption").set_value("contrast").run()
    app.switch_page("drawings.py").run()
    go_to(app, number, steps)
    expect_step(app, number, steps)


def test_the_sample_is_put_on_an_empty_pad_alone():
    app = open_page("draw.py", tour="1")
    steps = list_steps()
    sample = app.session_state["pad_drawing"]["objects"]
    assert len(sample) == 2
    app = open_page("drawings.py")
    own = canvas_from_strokes([np.array([(80.0, 70), (240, 70)])], pen_width=20, colour="#fff")
    app.session_state["pad_drawing"] = own
    go_to(app, 1, steps)
    assert app.session_state["pad_start"]["objects"] == own["objects"]
    app.button(key="tour_sample").click().run()
    assert app.session_state["pad_drawing"]["objects"] == sample


@pytest.mark.parametrize("named", ["0", "99", "-1", "x", ""])
def test_a_step_that_does_not_exist_is_no_step(named):
    app = open_page("models.py", tour=named)
    assert not app.exception
    assert not [one for one in app.markdown if re.match(r"\*\*\d/\d", one.value)]


def test_the_way_leads_from_draw_to_every_step_and_back_to_draw():
    app = open_page("draw.py")

    def read_links() -> dict[str, tuple[str, str]]:
        return {
            one.proto.label: (one.proto.page, one.proto.query_string)
            for one in app.get("page_link")
            if one.proto.label in {"Take the tour", "Back", "Next", "End tour"}
            and not one.proto.disabled
        }

    assert read_links()["Take the tour"][1].startswith("tour=1")
    steps = list_steps()
    for number in range(1, len(steps) + 1):
        go_to(app, number, steps)
        links = read_links()
        assert ("Back" in links) == (number > 1)
        assert ("Next" in links) == (number < len(steps))
        assert links["End tour"] == ("", "")
        assert "Take the tour" not in links


def test_a_note_too_long_for_a_phone_is_refused():
    open_page("draw.py")
    from pages.widgets.tour import Step

    with pytest.raises(ValueError, match="at most 130 characters, got 131"):
        Step("draw.py", "Why?", "x" * 131, {})
