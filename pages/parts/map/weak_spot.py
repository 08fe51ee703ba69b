"""The weak spot whose digits have colours: a finding of the Weak spots page, or a linked slice."""

import re

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.analysis.findings.finding import Finding
from core.analysis.findings.registry import KINDS
from core.analysis.slices import parse_slice
from core.digits.datasets import Dataset
from core.models.card import ModelCard
from pages.parts.map.computed import get_members
from pages.widgets.cache import get_findings, get_measures
from pages.widgets.findings import SLICE
from pages.widgets.pickers import pick_counted

# Pixels: the names of slices are long.
WEAK_SPOT_WIDTH = 340


def pick_weak_spot(card: ModelCard, dataset: Dataset) -> npt.NDArray[np.bool_]:
    """Which digits a weak spot has: one of the findings, the first by default.

    The URL names it as it names a slice of the Error explorer. Where there is no finding, there are
    no such digits.
    """
    findings: dict[str, Finding] = {}
    for finding in get_findings(card, dataset):
        findings.setdefault(finding.name, finding)  # of two kinds, the more important one
    linked = st.query_params.get(SLICE, "")
    if linked not in findings:
        findings |= _read_slice(linked, dataset)
    labels = {name: _describe(finding) for name, finding in findings.items()} or {"": "None found"}
    picked = pick_counted(
        "Weak spot",
        labels,
        name=SLICE,
        default=next(iter(labels)),
        scope=f"{dataset.id}_{card.id}",
        width=WEAK_SPOT_WIDTH,
    )
    if not findings:
        return np.zeros(len(dataset), bool)
    return get_members(findings[picked], card, dataset)


def _read_slice(text: str, dataset: Dataset) -> dict[str, Finding]:
    """A slice by its text, if it is one: another model's slices are not among the findings."""
    try:
        name = parse_slice(text).name(dataset.labels, get_measures(dataset))
    except ValueError:
        return {}
    return {text: Finding("slice", name, "", (), text)}


def _describe(finding: Finding) -> str:
    """The kind of a finding and the start of its sentence, which says what its digits are."""
    title = KINDS[finding.kind].title if finding.kind in KINDS else "Slice"
    return f"{title}: {re.split('[:;]', finding.sentence)[0]}"
