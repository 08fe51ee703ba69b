"""The map of agreement, on which a region can be picked, and its digits in words."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.agreement import Region
from core.analysis.evaluation import Evaluation
from core.digits.datasets import Dataset
from core.figures.agreement import draw_agreement
from pages.widgets.cache import get_colours
from pages.widgets.label_errors import flag_label
from pages.widgets.pickers import pick_counted
from pages.widgets.wording import with_article

MAP = "agreement"
REGION = "region"
WIDTH = 720


def pick_region(
    regions: Sequence[Region], evaluations: Sequence[Evaluation], *, scope: str
) -> Region:
    """Let the reader pick a region, from a list or on the map.

    Args:
        regions: of the evaluations, all right first.
        evaluations: what the models said.
        scope: what the counts belong to; another scope makes another list.
    """
    titles = [one.title for one in evaluations]
    by_code = {_encode(one): one for one in regions}
    labels = {
        code: f"{name_region(one, titles)} · {len(one.indices):,}" for code, one in by_code.items()
    }
    scope = "_".join([scope, *(one.model_id for one in evaluations)])
    everyone_wrong = _encode(regions[-1])
    # The map stands above the choice that it shows.
    with st.container(width=WIDTH):
        chart = st.container()
        code = pick_counted(
            st.selectbox, "Digits", labels, name=REGION, default=everyone_wrong, scope=scope
        )
    colours = get_colours([one.model_id for one in evaluations])
    key = f"{MAP}_{scope}"

    def take_click() -> None:
        points = st.session_state[key].selection.points
        if points:
            clicked = list(by_code)[points[0]["customdata"]]
            st.query_params[REGION] = st.session_state[f"{REGION}_{scope}"] = clicked

    chart.plotly_chart(
        draw_agreement(
            regions,
            titles,
            [colours[one.model_id] for one in evaluations],
            picked=by_code[code],
        ),
        key=key,
        on_select=take_click,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="How many digits each combination of models reads right. "
        + " ".join(f"{label}." for label in labels.values()),
    )
    return by_code[code]


def name_region(region: Region, titles: Sequence[str]) -> str:
    """Who was right, in words."""
    right = [title for title, one in zip(titles, region.right, strict=True) if one]
    wrong = [title for title in titles if title not in right]
    if not wrong:
        return "all right"
    if not right:
        return "all wrong"
    if len(right) == 1:
        return f"only {right[0]} right"
    if len(wrong) == 1:
        return f"only {wrong[0]} wrong"
    return f"only {' and '.join(right)} right"


def describe_digit(
    index: int, evaluations: Sequence[Evaluation], dataset: Dataset
) -> tuple[str, str]:
    """A digit's caption in the gallery, and the same as a sentence."""
    label = evaluations[0].labels[index]
    answers = [f"{one.title} reads {one.predicted[index]}" for one in evaluations]
    caption = f"{label} → {' '.join(str(one.predicted[index]) for one in evaluations)}"
    sentence = f"Number {index}, {with_article(label)}: {', '.join(answers)}"
    return flag_label(caption, sentence, index, dataset)


def runner_up(index: int, evaluations: Sequence[Evaluation]) -> int:
    """The digit, other than its label, that the models together find most probable."""
    belief = np.sum([one.probabilities[index] for one in evaluations], axis=0)
    belief[evaluations[0].labels[index]] = -1
    return int(belief.argmax())


def _encode(region: Region) -> str:
    return "".join(str(int(one)) for one in region.right)
