"""Near-duplicates: digits that are almost equal, so that they count twice."""

import numpy as np

from core.analysis.findings.finding import Finding, Kind, Subject, show_first
from core.analysis.findings.nearest_digits import find_nearest_digits

ID = "near_duplicates"
# Nearer than this share of the median distance to the nearest digit. It is the default of cleanlab,
# https://docs.cleanlab.ai.
NEAR = 0.13


def find_near_duplicates(subject: Subject) -> list[Finding]:
    """Find the digits whose nearest digit is almost equal to them."""
    nearest = find_nearest_digits(subject.dataset)
    if nearest is None:
        return []
    distances, indices = nearest[0][:, 0], nearest[1][:, 0]
    near = np.flatnonzero(distances < NEAR * np.median(distances))
    if not len(near):
        return []
    # Each digit stands beside the one that it repeats.
    pairs = np.stack([near, indices[near]], axis=1)
    first, place = np.unique(np.sort(pairs, axis=1).ravel(), return_index=True)
    differing = int((subject.labels[pairs[:, 0]] != subject.labels[pairs[:, 1]]).sum())
    return [
        Finding(
            ID,
            f"{len(near):,} digits are almost equal to another one, {differing or 'none'} of them "
            "with another label",
            f"Each is nearer to that digit than {NEAR:.0%} of the median distance between a digit "
            "and the one most similar to it.",
            show_first(first[np.argsort(place)]),
        )
    ]


NEAR_DUPLICATES = Kind(
    ID,
    "Near-duplicates",
    "Digits that are almost equal, by their pixels.",
    find_near_duplicates,
)
