"""Finished runs: those that can be asked like any built-in model, and those that are damaged.

A run is finished once its card stands in its directory. What is found of a directory is kept in
memory until one of its files changes, so that looking through all of them at every rerun of a page
costs a glance at each.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from core.analysis.robustness import load_robustness
from core.models.card import ModelCard
from core.models.files import (
    CARD_FILE,
    ROBUSTNESS_FILE,
    SEALED_FILES,
    DamagedArtifactError,
    FileSignature,
    load_card,
    read_file,
    runs_directory,
    sign_file,
)
from core.runs.run import Run, list_runs

# Of all visitors together; a card takes 20 kB.
MAX_CACHED_CARDS = 500
NEEDED_METRICS = ("test_accuracy", "test_top_3_accuracy")
# What tells a run from others of its name: so many of the last digits of its id.
DIGITS_OF_ID = 4


@dataclass(frozen=True)
class FinishedRun:
    """A run whose training has ended.

    Attributes:
        run: whose it is and what they call it.
        card: as it is on disk, where its title is that of the architecture; None where the run is
            damaged.
        damage: what is wrong with it, as an error says it; empty where nothing is.
    """

    run: Run
    card: ModelCard | None
    damage: str = ""


def list_finished(owner: str | None, directory: Path | None = None) -> list[FinishedRun]:
    """The finished runs that an owner may see, their own and everybody's, newest first."""
    home = directory or runs_directory()
    found = ((run, _sign(f"{home}/{run.id}")) for run in list_runs(owner, home))
    return [_inspect(run, home, signature) for run, signature in found if signature[0]]


def cards_by_id(
    finished: Iterable[FinishedRun], built_in: Mapping[str, ModelCard]
) -> dict[str, ModelCard]:
    """The cards of all models that somebody may ask, by id: the built-in ones, then their runs.

    A run's card is titled by the run's name, and by some of its id too where another model is
    called so. Damaged runs are left out.

    Args:
        finished: newest first, as ``list_finished`` gives them; the oldest comes first in the end,
            so that a new one changes nobody else's place.
        built_in: cards by id.
    """
    sound = [(one.run, one.card) for one in finished if one.card][::-1]
    titles = Counter([card.title for card in built_in.values()] + [run.name for run, _ in sound])
    return {**built_in} | {
        run.id: replace(
            card,
            title=run.name if titles[run.name] == 1 else f"{run.name} · {run.id[-DIGITS_OF_ID:]}",
            description=run.description or card.description,
        )
        for run, card in sound
    }


def check_metrics(card: ModelCard) -> None:
    """Raises DamagedArtifactError where a card lacks one of the figures that every page shows."""
    missing = [name for name in NEEDED_METRICS if name not in card.metrics]
    if missing:
        raise DamagedArtifactError(f"expected {' and '.join(missing)} on the card of {card.id}")


def _inspect(run: Run, home: Path, signature: object) -> FinishedRun:
    card = _check_files(run.id, home, signature)
    return FinishedRun(run, None, card) if isinstance(card, str) else FinishedRun(run, card)


def _sign(place: str) -> tuple[FileSignature | None, ...]:
    """What changes when one of the files does."""
    names = (CARD_FILE, *SEALED_FILES, ROBUSTNESS_FILE)
    return tuple(sign_file(f"{place}/{name}") for name in names)


@lru_cache(maxsize=MAX_CACHED_CARDS)
def _check_files(run_id: str, home: Path, _signature: object) -> ModelCard | str:
    """The card where every file is the one that it describes, else what is wrong."""
    try:
        card = load_card(run_id, home)
        check_metrics(card)
        for name in SEALED_FILES:
            read_file(run_id, name, home)
        load_robustness(run_id, home)
    except (OSError, DamagedArtifactError) as error:
        return str(error)
    return card
