"""The collection: saved drawings to filter and pick from, and the picked one in large."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.drawings.drawing import (
    DamagedDrawing,
    Drawing,
    StorageUnavailableError,
    UnknownDrawingError,
)
from core.figures.digit import picture_from_frame, png_address
from core.models.card import ModelCard
from core.models.files import LITERT_FILE
from pages.widgets.address import open_page
from pages.widgets.data import get_store
from pages.widgets.gallery import Thumbnail, show_gallery
from pages.widgets.pad import Pad
from pages.widgets.pickers import NO_FILTER, WIDTH, order_models
from pages.widgets.wording import escape_markdown, to_sentence, with_article

ALL, NONE = "all", "nobody"
PICTURE_SIDE = 168


@dataclass(frozen=True)
class Filter:
    """Which drawings are listed.

    Attributes:
        label: only drawings of this digit; None for all.
        misclassified_by: only drawings that this model misclassified; None for all.
    """

    label: int | None = None
    misclassified_by: str | None = None


def pick_filter(cards: Mapping[str, ModelCard]) -> Filter:
    """Let the visitor choose a label, and a model that misclassified the drawings."""
    label = st.selectbox(
        "Digit",
        [ALL, *map(str, range(10))],
        format_func=lambda label: "All" if label == ALL else label,
        key="digit",
        bind="query-params",
        width=90,
    )
    model_id = st.selectbox(
        "Misclassified by",
        [NONE, *order_models(cards)],
        format_func=lambda model_id: NO_FILTER if model_id == NONE else cards[model_id].title,
        key="misread",
        bind="query-params",
        width=WIDTH,
    )
    return Filter(
        label=None if label == ALL else int(label),
        misclassified_by=None if model_id == NONE else model_id,
    )


def show_drawings(drawings: Sequence[Drawing], chosen: Filter) -> Drawing:
    """Thumbnails of the drawings with their labels; returns the one that the URL names."""
    named = st.query_params.get("drawing")
    picked = next((drawing for drawing in drawings if drawing.id == named), drawings[0])
    show_gallery(
        [_describe(index, drawing, chosen) for index, drawing in enumerate(drawings)],
        picked=drawings.index(picked),
        on_pick=lambda index: st.query_params.update({"drawing": drawings[index].id}),
        key="gallery",
    )
    return picked


def show_damaged(drawings: Sequence[DamagedDrawing], owner: str) -> None:
    """Name the drawings that cannot be read, and offer to delete them."""
    if not drawings:
        return
    count = f"{len(drawings)} drawings are" if len(drawings) > 1 else "1 drawing is"
    ids = [drawing.id for drawing in drawings]
    st.warning(
        f"{count} damaged and cannot be shown: {', '.join(ids)}. Restore the database from a "
        "backup, or delete what is damaged. Exports and accuracies do not include it.",
        icon=":material/broken_image:",
    )
    st.button(
        "Delete what is damaged",
        key="delete_damaged",
        icon=":material/delete:",
        on_click=_change,
        args=(lambda: get_store().delete(owner, ids), "Damaged drawings deleted."),
    )


def show_drawing(drawing: Drawing, cards: Mapping[str, ModelCard]) -> None:
    """One drawing in large, its label to correct, and what the models predicted."""
    title = with_article(drawing.label).capitalize()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(picture_from_frame(drawing.image, side=PICTURE_SIDE), alt=title)
        with st.container(width=220):
            source = "drawn on the pad" if drawing.strokes else "from a picture"
            st.markdown(f"**{title}** {source}, saved on {_format_time(drawing)} UTC.")
            _offer_replay(drawing)
            _offer_deletion(drawing)
    _offer_labels(drawing)
    _show_predictions(drawing, cards)


def _describe(index: int, drawing: Drawing, chosen: Filter) -> Thumbnail:
    caption = str(drawing.label)
    if chosen.misclassified_by:
        caption += f" → {drawing.predictions[chosen.misclassified_by].digit}"
    title = with_article(drawing.label).capitalize()
    return Thumbnail(
        index=index,
        picture=png_address(drawing.image),
        caption=caption,
        description=f"{title}, saved on {_format_time(drawing)}",
    )


def _format_time(drawing: Drawing) -> str:
    return f"{drawing.created_at:%d %B %Y at %H:%M}"


def _offer_replay(drawing: Drawing) -> None:
    if drawing.strokes and st.button(
        "Replay",
        key=f"replay_{drawing.id}",
        icon=":material/replay:",
        help="Put it on the pad of the Draw page, and see what was predicted while it was drawn",
    ):
        Pad().put(drawing.strokes)
        open_page("draw.py", {"tab": "Replay"})


def _offer_deletion(drawing: Drawing) -> None:
    def delete() -> None:
        get_store().delete(drawing.owner, [drawing.id])

    with st.popover("Delete", icon=":material/delete:", key=f"ask_{drawing.id}"):
        st.markdown("This cannot be undone.")
        st.button(
            "Delete this drawing",
            key=f"delete_{drawing.id}",
            on_click=_change,
            args=(delete, "Drawing deleted."),
        )


def _offer_labels(drawing: Drawing) -> None:
    key = f"label_{drawing.id}"

    def relabel() -> None:
        get_store().relabel(drawing.owner, drawing.id, st.session_state[key])

    # The label in the database, whichever window corrected it.
    st.session_state[key] = drawing.label
    st.pills(
        "Correct the label",
        range(10),
        required=True,
        key=key,
        on_change=_change,
        args=(relabel, "Label corrected."),
        wrap=True,
    )


def _show_predictions(drawing: Drawing, cards: Mapping[str, ModelCard]) -> None:
    """What each model predicted when the drawing was saved, and which were retrained since."""
    known = [
        (cards[model_id], drawing.predictions[model_id])
        for model_id in order_models(cards)
        if model_id in drawing.predictions
    ]
    if not known:
        st.caption("The models that classified this drawing have been deleted.")
        return
    st.markdown("Predictions when the drawing was saved:")
    st.table(
        [
            {
                "Model": escape_markdown(card.title),
                "Prediction": f"**{predicted.digit}**"
                + ("" if predicted.digit == drawing.label else " ✗"),
                "Confidence": f"{max(predicted.probabilities):.1%}",
            }
            for card, predicted in known
        ],
        hide_index=True,
        alt="What each model predicted when the drawing was saved",
    )
    retrained = [
        card.title for card, predicted in known if predicted.model_sha256 != card.files[LITERT_FILE]
    ]
    if retrained:
        st.caption(f"Retrained since then: {escape_markdown(', '.join(retrained))}.")


def _change(change: Callable[[], Any], done: str) -> None:
    """Change the database and report how that went; runs before the page does."""
    try:
        change()
    except (StorageUnavailableError, UnknownDrawingError) as error:
        st.toast(to_sentence(error), icon=":material/database_off:", duration="long")
    else:
        st.toast(done, icon=":material/check:")
