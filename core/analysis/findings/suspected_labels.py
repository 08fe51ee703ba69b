"""Suspected labels: digits for which the model finds another class far more probable."""

import numpy as np
import numpy.typing as npt

from core.analysis.findings.finding import Finding, Kind, Subject, show_first
from core.analysis.label_errors import find_suspected_labels

ID, TITLE = "suspected_labels", "Suspected label errors"
# A label with a smaller probability than this is suspected.
MAX_PROBABILITY = 0.01


def find_suspects(subject: Subject) -> list[Finding]:
    """Find the errors in the confident joint whose label has almost no probability."""
    suspects = list_suspects(subject)
    if not len(suspects):
        return []
    labels = "label is" if len(suspects) == 1 else "labels are"
    return [
        Finding(
            ID,
            f"{len(suspects):,} {labels} suspected to be wrong: the model finds another digit far "
            "more probable",
            f"The model gives each label a probability below {MAX_PROBABILITY:.0%}, and the "
            "predicted digit a probability at least as high as the mean over all images of it.",
            show_first(suspects),
        )
    ]


def list_suspects(subject: Subject) -> npt.NDArray[np.int64]:
    """All digits with a suspected label by index, those with the least probable label first."""
    suspects = [
        suspect.index
        for suspect in find_suspected_labels([subject.evaluation], count=len(subject.labels))
        if suspect.is_confident and suspect.self_confidence < MAX_PROBABILITY
    ]
    return np.array(suspects, np.int64)


SUSPECTED_LABELS = Kind(
    ID,
    TITLE,
    "Digits whose label is improbable (confident learning). The error may be the model's.",
    find_suspects,
)
