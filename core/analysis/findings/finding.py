"""A finding, and what it is found in.

This module does not know the kinds of findings.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.analysis.evaluation import Evaluation
from core.analysis.measures import Measures
from core.digits.datasets import Dataset

# From this confidence on, a prediction counts as confident.
CONFIDENT = 0.9
# Digits of a finding that are shown.
MAX_SHOWN = 15


@dataclass(frozen=True, eq=False)
class Subject:
    """A model's predictions for a data set, and the measures of its digits, all in one order."""

    dataset: Dataset
    evaluation: Evaluation
    measures: Measures

    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        """The labels, ``(N,)``."""
        return self.dataset.labels

    @property
    def wrong(self) -> npt.NDArray[np.bool_]:
        """Which digits are misclassified, ``(N,)``."""
        return self.evaluation.predicted != self.labels


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes:
        kind: the id of its kind in the registry.
        sentence: what was found.
        evidence: how sure it is.
        indices: of its first ``MAX_SHOWN`` digits in the data set, those to look at first first.
        scope: the digits by what they have in common: the text of a slice, or a pair such as
            ``4/9``; empty where they are only listed.
    """

    kind: str
    sentence: str
    evidence: str
    indices: tuple[int, ...]
    scope: str = ""

    @property
    def name(self) -> str:
        """Names its digits in addresses: the scope, or the kind where there is none."""
        return self.scope or self.kind


def show_first(indices: npt.NDArray[np.integer]) -> tuple[int, ...]:
    """The digits of a finding that are shown, from all in their order."""
    return tuple(int(index) for index in indices[:MAX_SHOWN])


@dataclass(frozen=True)
class Kind:
    """A kind of findings.

    Attributes:
        id: its name in files.
        title: its name on pages.
        explanation: how it is found, in one or two sentences.
        find: all findings of this kind, the most important first.
    """

    id: str
    title: str
    explanation: str
    find: Callable[[Subject], list[Finding]]
