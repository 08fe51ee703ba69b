"""What confused digits have in common: a sentence for each direction, and all measures."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.analysis.agreement import format_p_value
from core.analysis.measures import MEASURES, Measures
from core.analysis.metrics import estimate_share
from core.analysis.pairs import Side
from core.analysis.separation import Trait, compare_groups, find_traits
from core.analysis.thirds import THIRDS
from core.counts import describe_count
from core.figures.separation import describe_separation, draw_separation
from pages.widgets.wording import escape_markdown, format_interval, with_article

ALL_MEASURES = {**MEASURES, **THIRDS}
# What digits above and below a boundary are like, where "are above it" would be no good sentence.
PHRASES: Mapping[str, tuple[str, str]] = {
    "area": ("have more ink than {}", "have less ink than {}"),
    "length": ("have strokes longer than {}", "have strokes shorter than {}"),
    "thickness": ("have strokes thicker than {}", "have strokes thinner than {}"),
    "slant": ("have a slant above {}", "have a slant below {}"),
    "width": ("are wider than {}", "are narrower than {}"),
    "height": ("are higher than {}", "are lower than {}"),
    "contrast": ("have a contrast above {}", "have a contrast below {}"),
    "upper_width": ("are wider than {} at the top", "are narrower than {} at the top"),
    "lower_width": ("are wider than {} at the bottom", "are narrower than {} at the bottom"),
}
# Things that are counted, one and several.
COUNTED = {"loops": ("closed loop", "closed loops"), "ends": ("end", "ends")}
# As many other traits are named after the first.
MAX_OTHERS = 2
# As many measures are shown, those that separate best.
MAX_SHOWN = 6


def show_reasons(sides: tuple[Side, Side], measures: Measures, titles: Sequence[str]) -> None:
    """Show a sentence for each direction in which the pair is confused.

    Args:
        sides: the digits of both classes.
        measures: of all digits of the data set.
        titles: of the models.
    """
    with st.container(key="reasons"):
        for side, other in (sides, sides[::-1]):
            traits = find_traits(measures, side, other)
            st.markdown(describe_reason(side, traits, titles), help=_explain_test(traits, titles))


def describe_reason(side: Side, traits: Sequence[Trait], titles: Sequence[str]) -> str:
    """What digits of one class that are predicted as another one have in common.

    Args:
        side: the class.
        traits: of its confused digits, as ``find_traits`` sorts them.
        titles: of the models.
    """
    several = len(titles) > 1
    does = "Models predict" if several else f"{escape_markdown(titles[0])} predicts"
    confusion = f"{does} {side.label}s as {side.other}s"
    count = len(side.confused)
    if not count:
        return f"{does} no {side.label} as {with_article(side.other)}."
    if not traits or not traits[0].is_more_frequent:
        return (
            f"{confusion} ({describe_count(count, 'digit')}). By no measure are these more like "
            f"{side.other}s than the other {side.label}s are, beyond chance."
        )
    found, *others = (trait for trait in traits if trait.is_more_frequent)
    share = estimate_share(*found.right)
    having, _ = found.confused
    often = "when" if 2 * having >= count else "more often when"
    every = "every model" if several else "it"
    those = f"{having} of the {count} confused ones do" if count > 1 else "the confused one does"
    return (
        f"**{confusion} {often} the {side.label}s {name_trait(found)}**: {those}, "
        f"but only {share.value:.1%} "
        f"({format_interval(share, decimals=1)}) of the {side.label}s that {every} "
        f"classifies correctly.{_list_others(others)}"
    )


def _list_others(traits: Sequence[Trait]) -> str:
    """Further traits that are more frequent beyond chance, as a sentence."""
    listed = [
        f"they {name_trait(trait)} ({trait.confused[0]} of {trait.confused[1]} against "
        f"{trait.right[0] / trait.right[1]:.1%})"
        for trait in traits[:MAX_OTHERS]
    ]
    return f" Also: {'; '.join(listed)}." if listed else ""


def name_trait(trait: Trait) -> str:
    """A trait as what digits do, such as ``have a closed loop``."""
    if trait.measure in COUNTED:
        return _name_count(trait, *COUNTED[trait.measure])
    measure = ALL_MEASURES[trait.measure]
    side = "above" if trait.is_above else "below"
    default = f"are {side} {{}} by the measure “{measure.title}”"
    above, below = PHRASES.get(trait.measure, (default, default))
    return (above if trait.is_above else below).format(measure.format(trait.boundary))


def _name_count(trait: Trait, one: str, several: str) -> str:
    if trait.is_above:
        least = int(trait.boundary) + 1
        return f"have a {one}" if least == 1 else f"have {least} {several} or more"
    most = int(trait.boundary)
    return f"have no {one}" if most == 0 else f"have at most {most} {one if most == 1 else several}"


def _explain_test(traits: Sequence[Trait], titles: Sequence[str]) -> str | None:
    if not traits:
        return None
    models = f"at least one of the {len(titles)} models" if len(titles) > 1 else "the model"
    return (
        f"Counted are digits that {models} predicts as the other class, without labels that are "
        "known to be wrong. The boundary is the one "
        "that separates both classes best where all predictions are correct. p-value of Fisher's "
        f"exact test, times {len(traits)} measures: {format_p_value(traits[0].p_value)}."
    )


def show_separation(sides: tuple[Side, Side], measures: Measures) -> None:
    """Show how well the measures separate both classes, and confused digits from the others."""
    first, second = (side.label for side in sides)
    comparisons = [
        f"{second}s above {first}s",
        *(f"{side.label} → {side.other} above {side.label}s" for side in sides),
    ]
    separations = [one for one in compare_groups(measures, sides) if one.strength > 0]
    areas = {ALL_MEASURES[one.measure].title: one.areas for one in separations[:MAX_SHOWN]}
    st.subheader("What separates them")
    if not areas:
        st.info(
            "No measure was found that separates these digits beyond chance.",
            icon=":material/search_off:",
        )
        return
    st.plotly_chart(
        draw_separation(areas, comparisons),
        key="separation",
        config={"displayModeBar": False},
        alt="Areas under ROC curves. " + describe_separation(areas, comparisons),
    )
    st.caption(
        "AUC: how probable it is that a digit of the first group has a larger value than one of "
        f"the second, for example {with_article(second)} than {with_article(first)}, with its 95% "
        "interval. At 0.5, the measure does not separate the groups."
    )
