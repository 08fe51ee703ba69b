"""Overconfident errors: more errors among confident predictions than their confidence allows."""

import numpy as np

from core.analysis.findings.finding import CONFIDENT, Finding, Kind, Subject, show_first
from core.analysis.metrics import estimate_share

ID = "overconfident_errors"


def find_overconfident_errors(subject: Subject) -> list[Finding]:
    """Find out whether confident predictions are wrong more often than their confidence says.

    They are if the 95% interval of the share of errors lies above one minus the mean confidence.
    """
    confidence = subject.evaluation.confidence
    confident = confidence >= CONFIDENT
    if not confident.any():
        return []
    expected = float(1 - confidence[confident].mean(dtype=np.float64))
    errors = np.flatnonzero(confident & subject.wrong)
    total = int(confident.sum())
    share = estimate_share(len(errors), total)
    if share.low <= expected:
        return []
    order = errors[np.argsort(-confidence[errors], kind="stable")]
    return [
        Finding(
            ID,
            f"{len(errors):,} of the {total:,} predictions with a confidence of {CONFIDENT:.0%} or "
            f"more are wrong; by their confidence, {expected * total:.0f} would be",
            f"Share of errors {share.value:.2%} (95% interval {share.low:.2%} to "
            f"{share.high:.2%}).",
            show_first(order),
        )
    ]


OVERCONFIDENT_ERRORS = Kind(
    ID,
    "Overconfident errors",
    f"Errors among the predictions with a confidence of {CONFIDENT:.0%} or more.",
    find_overconfident_errors,
)
