"""A collection: kept drawings to filter and pick from, and the picked one in large."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.drawings.drawing import Drawing, StorageUnavailableError, UnknownDrawingError
from core.figures.digit import picture_from_frame, png_address
from core.models.card import ModelCard
from core.models.files import LITERT_FILE
from pages.widgets.data import get_store
from pages.widgets.gallery import Thumbnail, show_gallery
from pages.widgets.pickers import order_models
from pages.widgets.wording import to_sentence, with_article

ALL, NOBODY = "all", "nobody"


def pick_filter(cards: Mapping[str, ModelCard]) -> tuple[int | None, str | None]:
    """Let the visitor choose a label and a model that misread; None stands for any."""
    label = st.pills(
        "Digit",
        [ALL, *map(str, range(10))],
        default=ALL,
        required=True,
        format_func=lambda one: "All" if one == ALL else one,
        key="digit",
        wrap=True,
        bind="query-params",
    )
    reader = st.selectbox(
        "Misread by",
        [NOBODY, *order_models(cards)],
        format_func=lambda one: "Any model or none" if one == NOBODY else cards[one].title,
        key="misread",
        bind="query-params",
        width=220,
    )
    return None if label == ALL else int(label), None if reader == NOBODY else reader


def find_picked(drawings: Sequence[Drawing]) -> Drawing:
    """The drawing the URL names, or the first."""
    named = st.query_params.get("drawing")
    return next((one for one in drawings if one.id == named), drawings[0])


def show_thumbnails(
    drawings: Sequence[Drawing], picked: Drawing, misread_by: str | None = None
) -> None:
    """Thumbnails with their labels; the one that is picked goes into the URL."""
    show_gallery(
        [
            Thumbnail(
                index=index,
                picture=png_address(one.image),
                caption=f"{one.label} → {one.readings[misread_by].digit}"
                if misread_by
                else str(one.label),
                description=f"{with_article(one.label).capitalize()}, "
                f"kept on {one.created_at:%d %B %Y at %H:%M}",
            )
            for index, one in enumerate(drawings)
        ],
        picked=drawings.index(picked),
        on_pick=lambda index: st.query_params.update({"drawing": drawings[index].id}),
        key="gallery",
    )


def show_picked(drawing: Drawing, cards: Mapping[str, ModelCard]) -> None:
    """One drawing, large, with its label to correct and what the models said of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            picture_from_frame(drawing.image, side=168),
            alt=with_article(drawing.label).capitalize(),
        )
        with st.container(width=220):
            source = "on the pad" if drawing.strokes else "in a picture"
            st.markdown(
                f"**{with_article(drawing.label).capitalize()}** drawn {source}, kept on "
                f"{drawing.created_at:%d %B %Y at %H:%M} UTC."
            )
            with st.popover("Delete", icon=":material/delete:", key=f"ask_{drawing.id}"):
                st.markdown("It cannot be brought back.")
                st.button(
                    "Delete this drawing",
                    key=f"delete_{drawing.id}",
                    on_click=_change,
                    args=(lambda: get_store().delete(drawing.owner, [drawing.id]), "Deleted."),
                )
    _correct_label(drawing)
    _show_readings(drawing, cards)


def _correct_label(drawing: Drawing) -> None:
    key = f"label_{drawing.id}"

    def relabel() -> None:
        get_store().relabel(drawing.owner, drawing.id, st.session_state[key])

    st.session_state[key] = drawing.label  # as the database has it, whoever corrected it
    st.pills(
        "It was meant to be",
        range(10),
        required=True,
        key=key,
        on_change=_change,
        args=(relabel, "Corrected."),
        wrap=True,
    )


def _show_readings(drawing: Drawing, cards: Mapping[str, ModelCard]) -> None:
    """What each model said when the drawing was kept, and which of them have changed since."""
    known = [model_id for model_id in order_models(cards) if model_id in drawing.readings]
    if not known:
        st.caption("None of the models that read it is here.")
        return
    st.markdown("What each model said when it was kept:")
    st.table(
        [
            {
                "Model": cards[model_id].title,
                "Read as": f"**{said.digit}**" + ("" if said.digit == drawing.label else " ✗"),
                "Sure": f"{max(said.probabilities):.1%}",
            }
            for model_id, said in ((one, drawing.readings[one]) for one in known)
        ],
        hide_index=True,
        alt="What each model read when the drawing was kept",
    )
    changed = [
        cards[model_id].title
        for model_id in known
        if drawing.readings[model_id].model_sha256 != cards[model_id].files[LITERT_FILE]
    ]
    if changed:
        st.caption(f"Trained again since: {', '.join(changed)}.")


def _change(change: Callable[[], Any], done: str) -> None:
    """Change the database, and say whether that went well; pages call this before they run."""
    try:
        change()
    except (StorageUnavailableError, UnknownDrawingError) as error:
        st.toast(to_sentence(error), icon=":material/database_off:", duration="long")
    else:
        st.toast(done, icon=":material/check:")
