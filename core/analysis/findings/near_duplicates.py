"""Near-duplicates: digits that are almost equal, so that they count twice."""

import numpy as np
import numpy.typing as npt

from core.analysis.findings.finding import Finding, Kind, Subject, show_first
from core.analysis.findings.nearest_digits import find_nearest_digits

ID = "near_duplicates"
# Nearer than this share of the median distance to the nearest digit. It is the default of cleanlab,
# https://docs.cleanlab.ai.
NEAR = 0.13


def find_near_duplicates(subject: Subject) -> list[Finding]:
    """Find the digits whose nearest digit is almost equal to them."""
    pairs = _list_pairs(subject)
    if not len(pairs):
        return []
    differing = int((subject.labels[pairs[:, 0]] != subject.labels[pairs[:, 1]]).sum())
    return [
        Finding(
            ID,
            f"{len(pairs):,} digits are almost equal to another one, {differing or 'none'} of them "
            "with another label",
            f"Each is nearer to that digit than {NEAR:.0%} of the median distance between a digit "
            "and the one most similar to it.",
            show_first(list_near_duplicates(subject)),
        )
    ]


def list_near_duplicates(subject: Subject) -> npt.NDArray[np.int64]:
    """All near-duplicates by index, each beside the one that it repeats."""
    indices, place = np.unique(np.sort(_list_pairs(subject), axis=1).ravel(), return_index=True)
    return indices[np.argsort(place)]


def _list_pairs(subject: Subject) -> npt.NDArray[np.int64]:
    """Each near-duplicate and the digit nearest to it by index, ``(P, 2)``."""
    nearest = find_nearest_digits(subject.dataset)
    if nearest is None:
        return np.empty((0, 2), np.int64)
    distances, indices = nearest[0][:, 0], nearest[1][:, 0]
    near = np.flatnonzero(distances < NEAR * np.median(distances))
    return np.stack([near, indices[near]], axis=1)


NEAR_DUPLICATES = Kind(
    ID,
    "Near-duplicates",
    "Digits that are almost equal, by their pixels.",
    find_near_duplicates,
)
