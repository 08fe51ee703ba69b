"""The choices of the map that do not depend on its digits."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.digits.datasets import CLASSES
from core.figures.map import COLOURINGS, WEAK_SPOT
from core.models.card import ModelCard
from pages.widgets.data import choose_dataset
from pages.widgets.pickers import WIDTH, pick_dataset, pick_model, pick_other
from pages.widgets.wording import escape_markdown

ANY = "Any"


@dataclass(frozen=True)
class View:
    """What the visitor chose.

    Attributes:
        dataset_id: whose digits are the points.
        model_ids: of the one or two models that have a map.
        has_same_models: whether a model was chosen twice; it has one map.
        colouring: one of ``COLOURINGS``.
        true: the label of the digits in colour; None for any.
        predicted: their prediction by the first model; None for any.
    """

    dataset_id: str
    model_ids: tuple[str, ...]
    has_same_models: bool
    colouring: str
    true: int | None
    predicted: int | None

    @property
    def chooses_digits(self) -> bool:
        """Whether a true or a predicted digit is chosen."""
        return self.true is not None or self.predicted is not None


def pick_view(cards: Mapping[str, ModelCard]) -> View:
    """Let the visitor choose a data set, one or two models, the colours and the digits."""
    dataset_id = pick_dataset(key="points", default=choose_dataset())
    model_id, other_id = pick_model(cards), pick_other(cards)
    return View(
        dataset_id,
        tuple(filter(None, dict.fromkeys([model_id, other_id]))),
        model_id == other_id,
        st.selectbox("Colour", COLOURINGS, key="colour", bind="query-params", width=WIDTH),
        _pick_digit("True digit", key="true"),
        _pick_digit("Predicted digit", key="predicted"),
    )


def explain_choice(view: View, first: ModelCard) -> None:
    """Say which model chooses the digits that are in colour on both maps."""
    title = escape_markdown(first.title)
    parts = [f"in this weak spot of {title}"] if view.colouring == WEAK_SPOT else []
    if view.predicted is not None:
        parts.append(f"predicted as {view.predicted} by {title}")
    if parts:
        st.caption(f"In colour on both maps: the digits {' and '.join(parts)}.")


def _pick_digit(label: str, *, key: str) -> int | None:
    """One of the ten digits, or None for any."""
    digits = map(str, range(CLASSES))
    picked = st.selectbox(label, [ANY, *digits], key=key, bind="query-params", width=WIDTH)
    return None if picked == ANY else int(picked)
