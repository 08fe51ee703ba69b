"""Phrases: what digits with small and with large values of a measure are like, in plain English.

Phrases with the same verb are said together: digits that *are wide and low*, that *have short
strokes and no loop*. This module does not know what small and large are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """A verb and what follows it, such as *are* and *thin*; with ``is_negated``, *are not thin*."""

    verb: str
    complement: str
    is_negated: bool = False


@dataclass(frozen=True)
class Wording:
    """What is said of digits by their value of a measure.

    Attributes:
        small: of those with small values.
        large: of those with large values.
        not_small: of those with all values but small ones.
        not_large: of those with all values but large ones.
        between: of those with neither small nor large values.
        middle: separates small from large; None stands for the median of the class.
        slack: a limit that lies this far beyond the middle still separates them to the eye.
    """

    small: Phrase
    large: Phrase
    not_small: Phrase
    not_large: Phrase
    between: tuple[Phrase, ...]
    middle: float | None = None
    slack: float = 0


def _describe_with(small: str, large: str) -> Wording:
    """The wording of a measure whose small and large values have adjectives."""
    not_small, not_large = Phrase("are", small, True), Phrase("are", large, True)
    return Wording(
        Phrase("are", small), Phrase("are", large), not_small, not_large, (not_small, not_large)
    )


# Frames are placed by their centre of mass, so the place says nothing about a digit.
WORDINGS: Mapping[str, Wording] = {
    "area": Wording(
        Phrase("have", "little ink"),
        Phrase("have", "much ink"),
        Phrase("have", "a medium or large amount of ink"),
        Phrase("have", "a small or medium amount of ink"),
        (Phrase("have", "a medium amount of ink"),),
    ),
    "length": Wording(
        Phrase("have", "short strokes"),
        Phrase("have", "long strokes"),
        Phrase("have", "medium or long strokes"),
        Phrase("have", "short or medium strokes"),
        (Phrase("have", "strokes of medium length"),),
    ),
    "thickness": _describe_with("thin", "thick"),
    "slant": Wording(
        Phrase("lean", "to the left"),
        Phrase("lean", "to the right"),
        Phrase("do not lean", "far to the left"),
        Phrase("do not lean", "far to the right"),
        (Phrase("do not lean", "far to either side"),),
        middle=0,
        slack=3,
    ),
    "width": _describe_with("narrow", "wide"),
    "height": _describe_with("low", "tall"),
    "contrast": _describe_with("faint", "dark"),
}


def join_phrases(phrases: Iterable[Phrase]) -> str:
    """Phrases as one predicate, such as ``are wide and low, and have no loop``."""
    groups: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        groups.setdefault(phrase.verb, []).append(phrase)
    joined = [_join_group(verb, group) for verb, group in groups.items()]
    has_inner = len(joined) > 1 and any(len(group) > 1 for group in groups.values())
    return _list(joined, ", and " if has_inner else " and ")


def _join_group(verb: str, group: Sequence[Phrase]) -> str:
    """Phrases with one verb; what is negated comes last, so that *not* goes with nothing else."""
    positive = [phrase.complement for phrase in group if not phrase.is_negated]
    negative = [phrase.complement for phrase in group if phrase.is_negated]
    if len(negative) > 1 and not positive:
        return f"{verb} neither {' nor '.join(negative)}"
    return f"{verb} {_list([*positive, *(f'not {one}' for one in negative)], ' and ')}"


def _list(parts: Sequence[str], last: str) -> str:
    return last.join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
