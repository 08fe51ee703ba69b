"""Two attributions of one prediction side by side, and which of them to believe."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.analysis.deletion import DeletionRanking, rank_attributions
from core.analysis.gradient import map_gradient
from core.analysis.occlusion import map_occlusion
from core.digits.frame import Frame
from core.figures.deletion import describe_deletion, draw_deletion
from core.figures.digit import png_address
from core.figures.weights import tint_ink
from core.inference.classifier import Classifier
from pages.widgets.images import Picture, show_pictures
from pages.widgets.pickers import pick_counted
from pages.widgets.wording import with_article

# The methods, and how each is computed.
METHODS = {"Occlusion": map_occlusion, "Gradient × input": map_gradient}
MAP_SIDE = 132  # pixels on the screen
MAX_CACHED_DIGITS = 200


def show_attributions(
    frame: Frame, label: int, classifiers: Sequence[Classifier], *, scope: str
) -> None:
    """Show what a model's prediction depends on by two methods, and their deletion curves.

    Args:
        frame: ``(28, 28)``, 0 paper … 1 ink.
        label: of the digit; a model that predicts another one is explained first.
        classifiers: the models to choose from.
        scope: names the digit in the session.
    """
    classifier = _pick_classifier(frame, label, classifiers, scope=scope)
    digit = classifier.predict(frame).digit
    maps, ranking = _attribute(classifier, classifier.digest, frame, digit)
    dark = st.context.theme.type == "dark"
    pictures = [
        Picture(
            png_address(tint_ink(frame, values, dark=dark)),
            f"{method}: ink that {classifier.title} uses to predict {with_article(digit)}",
            method,
        )
        for method, values in maps.items()
    ]
    show_pictures(pictures, width=MAP_SIDE)
    st.markdown(describe_ranking(ranking, digit))
    st.plotly_chart(
        draw_deletion(ranking, digit=digit),
        key="deletion",
        config={"displayModeBar": False},
        alt=f"Deletion curves. {describe_deletion(ranking)}",
    )
    st.caption(
        f"Blue ink supports {digit}, orange ink contradicts it. The ink is erased, the most "
        "important pixels first. The faster the probability falls, the better the attribution "
        f"(Petsiuk et al., 2018). Grey: {len(ranking.random)} random orders."
    )


def describe_ranking(ranking: DeletionRanking, digit: int) -> str:
    """Which attribution to believe for a digit, with the areas that say so."""
    believable = [method.lower() for method in ranking.believable]
    areas = [f"{method.lower()} {curve.area:.2f}" for method, curve in ranking.curves.items()]
    random = np.mean([curve.area for curve in ranking.random])
    reason = f"area under the curve: {', '.join(areas)}, random orders {random:.2f} on average"
    if not believable:
        claim = (
            "**Believe neither** for this digit: random orders lower the probability of "
            f"{digit} as fast"
        )
    elif len(believable) == 1:
        claim = (
            f"**Believe {believable[0]}** for this digit: the ink that it marks lowers the "
            f"probability of {digit} fastest"
        )
    else:
        claim = (
            "**Believe both** for this digit: the ink that each marks lowers the probability of "
            f"{digit} about as fast"
        )
    return f"{claim} ({reason})."


def _pick_classifier(
    frame: Frame, label: int, classifiers: Sequence[Classifier], *, scope: str
) -> Classifier:
    """Let the visitor pick a model; at first, one that misclassifies the digit."""
    by_id = {classifier.model_id: classifier for classifier in classifiers}
    predicted = {name: one.predict(frame).digit for name, one in by_id.items()}
    wrong = (name for name, digit in predicted.items() if digit != label)
    picked = pick_counted(
        "Model · prediction",
        {name: f"{one.title} · {predicted[name]}" for name, one in by_id.items()},
        name="explained",
        default=next(wrong, next(iter(by_id))),
        scope=scope,
        width=240,
    )
    return by_id[picked]


@st.cache_data(show_spinner=False, max_entries=MAX_CACHED_DIGITS)
def _attribute(
    _classifier: Classifier,
    model_sha256: str,  # noqa: ARG001  names the model in the cache
    frame: Frame,
    digit: int,
) -> tuple[Mapping[str, Frame], DeletionRanking]:
    """The map of each method, and their ranking."""
    maps = {name: compute(_classifier, frame, digit) for name, compute in METHODS.items()}
    return maps, rank_attributions(_classifier, frame, digit, maps)
