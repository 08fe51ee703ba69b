"""Stored findings: what was found in built-in models, beside each model.

A file that is missing, damaged or of another training of the model is no findings: they are found
again in seconds.
"""

import json
from dataclasses import asdict
from pathlib import Path

from core.analysis.findings.finding import Finding
from core.atomic_files import write_atomically
from core.models.card import ModelCard
from core.models.files import FINDINGS_FILE, LITERT_FILE, locate_model, read_unchecked


def save_findings(
    card: ModelCard, findings: dict[str, list[Finding]], directory: Path | None = None
) -> Path:
    """Write a model's findings by data set beside the model; returns the path."""
    path = locate_model(card.id, directory) / FINDINGS_FILE
    fields = {
        "model_sha256": card.files[LITERT_FILE],
        "datasets": {
            name: [asdict(finding) for finding in found] for name, found in findings.items()
        },
    }
    write_atomically(path, json.dumps(fields, ensure_ascii=False) + "\n")
    return path


def load_findings(
    card: ModelCard, dataset_id: str, directory: Path | None = None
) -> list[Finding] | None:
    """What was found in a model on a data set; None where this is not stored."""
    contents = read_unchecked(card.id, FINDINGS_FILE, directory)
    if contents is None:
        return None
    try:
        fields = json.loads(contents)
        if fields["model_sha256"] != card.files[LITERT_FILE]:
            return None
        return [
            Finding(**{**finding, "indices": tuple(finding["indices"])})
            for finding in fields["datasets"][dataset_id]
        ]
    except (KeyError, TypeError, ValueError):
        return None
