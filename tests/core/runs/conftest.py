"""Runs that nobody had to train: a built-in model under a run's id."""

import json
import shutil
from pathlib import Path

from core.models.files import ARTIFACTS_DIRECTORY, CARD_FILE, SEALED_FILES, runs_directory
from core.runs.owners import OWNERS_DIRECTORY
from core.runs.run import Run, new_run_id, save_run

MODEL_ID = "logistic_regression"


def make_run(**changes: object) -> Run:
    return Run(**{"id": new_run_id(), "name": "My model", "plan": {"epochs": 2}} | changes)


def finish_run(run: Run, directory: Path | None = None) -> Run:
    """Keep a run with the files of a built-in model, as training leaves them."""
    place = save_run(run, directory)
    for name in SEALED_FILES:
        shutil.copy(ARTIFACTS_DIRECTORY / MODEL_ID / name, place)
    card = json.loads((ARTIFACTS_DIRECTORY / MODEL_ID / CARD_FILE).read_text("utf-8"))
    card["id"] = run.id
    (place / CARD_FILE).write_text(json.dumps(card), "utf-8")
    return run


def list_places(directory: Path) -> list[str]:
    """What stands in the runs directory, except the index of owners."""
    return sorted(path.name for path in directory.iterdir() if path.name != OWNERS_DIRECTORY)


def damage(run: Run, name: str = CARD_FILE, directory: Path | None = None) -> None:
    """Cut a file of a run short."""
    file = (directory or runs_directory()) / run.id / name
    file.write_bytes(file.read_bytes()[:1000])
