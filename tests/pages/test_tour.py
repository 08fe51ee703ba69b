"""The tour: every step is a page with its choices made, whatever the previous step was."""

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.digits import datasets
from tests.pages.conftest import ROOT, get_pad, open_page

if TYPE_CHECKING:
    from pages.widgets.pad import Pad


def list_steps() -> list:
    """The steps; the tour's pad can be imported only after a page has run."""
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


def list_points(pad: "Pad") -> list[list[list[float]]]:
    return [stroke.tolist() for stroke in pad.drawing()]


def read_choice(app: AppTest, key: str) -> str | tuple[str, ...]:
    """The choice under a key, as the URL would hold it."""
    for group in [*app.segmented_control, *app.pills]:
        if group.key == key:
            return str(group.formatted_values[0])
    for box in app.multiselect:
        if box.key == key:
            return tuple(map(box.format_func, box.value))
    for box in app.selectbox:
        if box.key == key or str(box.key).startswith(f"{key}_"):
            return str(box.format_func(box.value))
    for toggle in app.toggle:
        if toggle.key == key:
            return str(toggle.value).lower()
    if key in app.session_state:
        return app.session_state[key]  # tabs, whose state AppTest does not give
    return app.query_params[key]  # what a component of the browser shows


def expect_step(app: AppTest, number: int, steps: list) -> None:
    step = steps[number - 1]
    assert not app.exception, step
    assert not app.error, step
    assert not app.warning, step
    assert [text for text in app.markdown if step.note in text.value], step
    for key, wanted in step.choices.items():
        chosen = read_choice(app, key)
        # Some labels hold a count after the name of the option.
        if isinstance(chosen, str) and " · " in chosen:
            chosen = chosen.split(" · ")[0]
        assert str(chosen).lower() == str(wanted).lower(), (step.page, key)


def test_every_step_is_on_a_page_that_exists_and_has_a_question_of_its_own():
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
        assert not [info for info in app.info if "MNIST is not" in info.value]


def test_a_step_replaces_what_the_visitor_chose_before():
    app = open_page("robustness.py")
    steps = list_steps()
    number = next(n for n, step in enumerate(steps, 1) if step.page == "robustness.py")
    app.selectbox(key="dataset").set_value("bundled_digits").run()
    app.selectbox(key="corruption").set_value("contrast").run()
    app.switch_page("drawings.py").run()
    go_to(app, number, steps)
    expect_step(app, number, steps)


def test_the_sample_is_put_on_an_empty_pad_alone():
    app = open_page("draw.py", tour="1")
    steps = list_steps()
    sample = list_points(get_pad(app))
    assert len(sample) == 2
    app = open_page("drawings.py")
    own = [np.array([(80.0, 70), (240, 70)])]
    get_pad(app).put(own)
    go_to(app, 1, steps)
    assert list_points(get_pad(app)) == [own[0].tolist()]
    app.button(key="tour_sample").click().run()
    assert list_points(get_pad(app)) == sample


@pytest.mark.parametrize("named", ["0", "99", "-1", "x", ""])
def test_a_step_that_does_not_exist_is_no_step(named):
    app = open_page("draw.py", tour=named)
    assert not app.exception
    assert [one for one in app.get("page_link") if one.proto.label == "Take the tour"]
    assert not [text for text in app.markdown if re.match(r"\*\*\d/\d", text.value)]


def test_links_lead_from_draw_through_every_step_and_back_to_draw():
    app = open_page("draw.py")

    def read_links() -> dict[str, tuple[str, str]]:
        return {
            link.proto.label: (link.proto.page, link.proto.query_string)
            for link in app.get("page_link")
            if link.proto.label in {"Take the tour", "Back", "Next", "End tour"}
            and not link.proto.disabled
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
        Step("draw.py", "Why?", "x" * 131, "main", {})
