"""Draw: digits from the pad, a file or the camera, and how each model classifies them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.found_digits import list_digits
from core.digits.frame import EmptyDrawingError
from core.digits.image_file import UnreadableImageError
from core.drawings.drawing import Drawing
from core.inference.inputs import ImageInput, NumberInput
from core.inference.number_prediction import NumberPrediction, predict_number
from core.server.model_cache import get_classifier
from core.server.turns import serialised
from pages.parts.draw.agreement import report_difference
from pages.parts.draw.announcement import announce
from pages.parts.draw.answer import describe_answer, show_answer
from pages.parts.draw.camera import PHOTOGRAPH, take_photograph
from pages.parts.draw.choices import hide_choices, restore_choices
from pages.parts.draw.details import DETAIL, pick_detail, show_detail
from pages.parts.draw.feedback import (
    ask_if_correct,
    label_digits,
    link_to_drawings,
    save_drawings,
)
from pages.parts.draw.number_text import show_text_and_table
from pages.parts.draw.picked_digit import find_picked, pick_digit
from pages.parts.draw.picture import read_picture, show_thumbnail
from pages.parts.draw.reader import (
    INVITATION,
    find_confirmed,
    predicts_in_browser,
    show_reader,
)
from pages.parts.draw.request import REQUEST, offer_request
from pages.parts.draw.upload import UPLOAD, report_refusal, upload_picture
from pages.widgets.cache import get_cards
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pad import Pad
from pages.widgets.pickers import pick_one_or_all
from pages.widgets.probabilities import show_probabilities
from pages.widgets.tour import offer_tour
from pages.widgets.wording import to_sentence

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.elements.lib.mutable_tab_container import TabContainer
    from streamlit.runtime.uploaded_file_manager import UploadedFile


def main() -> None:
    """Show the page."""
    get_cards()  # a damaged model is reported before anything is drawn
    with st.container(key="title"):
        st.title("Draw digits")
        st.markdown("See how each model classifies the digits you write and how confident it is.")
    show_pad_and_predictions()
    offer_tour()


@st.fragment
def show_pad_and_predictions() -> None:
    """The pad and the predictions side by side."""
    left, right = st.columns([2, 3], gap="large")
    pad = Pad()
    tabs = left.tabs(["Draw", "Upload", "Camera"], key="source", bind="query-params")
    is_live = bool(tabs[0].open) and predicts_in_browser()
    read_input = show_inputs(tabs, pad, is_live=is_live)
    with right.container(key="answers"), show_known_errors():
        # Both answers have one place, so that the browser takes one off as it shows the other.
        answer = st.container()
        if is_live:
            show_live_predictions(pad, read_input, answer)
        else:
            show_predictions_of_server(read_input, answer)
    with tabs[0]:  # after the answer: the browser shows it sooner when less was sent before it
        pad.show_tools()


def show_inputs(
    tabs: "Sequence[TabContainer]", pad: Pad, *, is_live: bool
) -> Callable[[], NumberInput | None]:
    """Show the pad and the other inputs; returns what reads the input of the open tab.

    What it returns raises EmptyDrawingError or UnreadableImageError where it finds no digit, and
    returns None while there is no input.

    Args:
        tabs: for the pad, a file and a photograph.
        pad: the pad.
        is_live: whether the browser predicts. Then a stroke runs nothing but the pad, unless the
            page shows something else that depends on the drawing.
    """
    draw_tab, upload_tab, camera_tab = tabs
    with draw_tab:
        show_pad(pad, alone=is_live and not depends_on_drawing())
    with upload_tab:
        file = upload_picture(is_open=bool(upload_tab.open))
    with camera_tab:
        photograph = take_photograph() if camera_tab.open else None
    if draw_tab.open:
        return pad.read_input
    if upload_tab.open:
        return lambda: read_chosen_picture(UPLOAD, file, upload_tab)
    return lambda: read_chosen_picture(PHOTOGRAPH, photograph, camera_tab)


def show_pad(pad: Pad, *, alone: bool) -> None:
    """Show the pad; ``alone`` says whether a stroke runs nothing else of the page."""
    if alone:
        st.fragment(pad.show)()
    else:
        with st.container():  # as a fragment has one: in another place, the canvas would be new
            pad.show()


def read_chosen_picture(
    source: str, file: "UploadedFile | None", tab: "TabContainer"
) -> NumberInput | None:
    """The digits in the picture that was chosen in a tab; None where there is none.

    Raises:
        UnreadableImageError, EmptyDrawingError: it was refused, or has no digit.
    """
    if file is None:
        report_refusal(source)
    given = read_picture(source, file)
    if given is not None and len(list_digits(given.rows)) == 1:
        with tab:
            show_thumbnail(given)
    return given


def depends_on_drawing() -> bool:
    """Whether the page shows something that depends on the drawing, beside the answer."""
    has_detail = st.session_state.get(DETAIL) is not None or DETAIL in st.query_params
    return has_detail or bool(st.session_state.get(REQUEST))


def show_live_predictions(
    pad: Pad, read_input: Callable[[], NumberInput | None], answer: "DeltaGenerator"
) -> None:
    """What the browser predicts for the drawing, and what the visitor asks of the server."""
    restore_choices()
    saving = st.container()
    cards = get_cards()  # a run may be new or deleted since the page was opened
    model_ids = pick_one_or_all(cards)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        offer_request(lambda: read_drawing(read_input), model_ids)
        link_to_drawings()
    detail, confirmed = pick_detail(), find_confirmed()
    drawings: list[Drawing] = []
    refusal = ""
    if given := read_drawing(read_input) if detail or confirmed else None:
        with serialised():
            classifiers = [get_classifier(cards[model_id]) for model_id in model_ids]
            number = predict_number(given.rows, classifiers)
            show_detail(detail, given, number.digits[find_picked(number)], classifiers)
            if confirmed:
                report_difference(confirmed, number)
                drawings, refusal = label_digits(given, number, confirmed.text)
    elif detail:
        st.caption("Draw a digit first.")
    with answer:
        show_reader(pad, [cards[model_id] for model_id in model_ids], refusal=refusal)
    with saving:  # no other visitor waits for the database
        save_drawings(drawings)


def read_drawing(read_input: Callable[[], NumberInput | None]) -> NumberInput | None:
    """The drawing; None where it is too small, which the browser says."""
    try:
        return read_input()
    except EmptyDrawingError:
        return None


def show_predictions_of_server(
    read_input: Callable[[], NumberInput | None], answer: "DeltaGenerator"
) -> None:
    """What the server predicts; what is wrong with the input; or what the visitor can do."""
    number = None
    try:
        given = read_input()
    except (EmptyDrawingError, UnreadableImageError) as error:
        hide_choices()
        answer.warning(to_sentence(error), icon=":material/gesture:")
    else:
        number = show_predictions_or_invitation(given, answer)
    announce(describe_answer(number) if number else "")


def show_predictions_or_invitation(
    given: NumberInput | None, answer: "DeltaGenerator"
) -> NumberPrediction | None:
    """What the models predict; while there is no input, what the visitor can do."""
    if given is None:
        hide_choices()
        answer.info(INVITATION, icon=":material/draw:")
        return None
    restore_choices()
    feedback = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with serialised():
        number, confirmed = show_predictions(given, answer, feedback)
    with feedback:  # no other visitor waits for the database
        save_drawings(confirmed)
    return number


def show_predictions(
    given: NumberInput, answer: "DeltaGenerator", feedback: "DeltaGenerator"
) -> tuple[NumberPrediction, list[Drawing]]:
    """What the chosen models predict for the input, and what can be done with it.

    Returns:
        The prediction, and what the visitor has just asked to be saved.
    """
    digits = st.container()
    cards = get_cards()  # a run may be new or deleted since the page was opened
    classifiers = [get_classifier(cards[model_id]) for model_id in pick_one_or_all(cards)]
    number = predict_number(given.rows, classifiers)
    with answer:
        show_answer(number)
    with feedback:
        confirmed = ask_if_correct(given, number)
    with digits:
        if isinstance(given, ImageInput) and len(number.digits) > 1:
            show_text_and_table(number)
        picked = pick_digit(given, number)
    show_probabilities(picked.predictions)
    offer_request(lambda: given, [classifier.model_id for classifier in classifiers])
    show_detail(pick_detail(), given, picked, classifiers)
    return number, confirmed


if __name__ == "__main__":
    main()
