"""Finished runs: sound ones, which can be used as any built-in model, and damaged ones.

A run is finished as soon as its directory has a card. The result of checking a directory is kept in
memory until one of its files changes, so at every rerun of a page only the files' times are read.
"""

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
    is_run,
    load_card,
    read_file,
    runs_directory,
    sign_file,
)
from core.runs.run import Run, list_runs

# Of all visitors together; a card takes 20 kB.
MAX_CACHED_CARDS = 500
NEEDED_METRICS = ("test_accuracy", "test_top_3_accuracy")
# The number of digits of a run's id that are added to its title when another model has that title.
DIGITS_OF_ID = 4
# What pages offer beside the titles of models: no run has one of these titles.
RESERVED_TITLES = frozenset(
    {"All built-in models", "No filter", "No other model", "No teacher", "Layers of your own"}
)


@dataclass(frozen=True)
class FinishedRun:
    """A run whose training has ended.

    Attributes:
        run: its name and owner.
        card: as it is on disk, with the title of the architecture; None if the run is damaged.
        damage: what is wrong with a damaged run, in a sentence; empty for a sound one.
    """

    run: Run
    card: ModelCard | None
    damage: str = ""


def list_finished(owner: str | None, directory: Path | None = None) -> list[FinishedRun]:
    """The finished runs that an owner may see: their own and everybody's, newest first."""
    home = directory or runs_directory()
    signatures = ((run, _sign_files(f"{home}/{run.id}")) for run in list_runs(owner, home))
    return [_inspect(run, home, signature) for run, signature in signatures if signature[0]]


def cards_by_id(
    finished: Iterable[FinishedRun], built_in: Mapping[str, ModelCard]
) -> dict[str, ModelCard]:
    """The cards of all models that a visitor may use, by id: built-in ones, then their runs.

    The title of a run's card is the run's name, with a part of its id if the title is reserved or
    a model has had it for longer: addresses hold titles, and a run that is trained, renamed,
    imported or restored does not change what those mean that were there before. Damaged runs are
    left out.

    Args:
        finished: runs, newest first, as ``list_finished`` returns them. In the result, the oldest
            comes first, so that a new run does not change the place of the others.
        built_in: cards of the built-in models, by id.
    """
    sound = [(found.run, found.card) for found in finished if found.card][::-1]
    taken = RESERVED_TITLES | {card.title for card in built_in.values()}
    titles = _choose_titles([run for run, _ in sound], taken)
    return {**built_in} | {
        run.id: replace(card, title=titles[run.id], description=run.description or card.description)
        for run, card in sound
    }


def _choose_titles(runs: Iterable[Run], taken: frozenset[str]) -> dict[str, str]:
    """The titles of runs, by id; one that has had its name for longer has the first choice."""
    titles: dict[str, str] = {}
    for run in sorted(runs, key=lambda run: run.has_name_since):
        title = run.name
        while title in taken:  # a second time where another run was named as the marked title
            title = _mark(title, run.id)
        titles[run.id], taken = title, taken | {title}
    return titles


def find_by_old_title(title: str, cards: Mapping[str, ModelCard]) -> ModelCard | None:
    """The card of a run that had this title while another model had its name."""
    own = (card for card in cards.values() if is_run(card.id))
    return next((card for card in own if title == _mark(card.title, card.id)), None)


def _mark(name: str, run_id: str) -> str:
    """The name of a run with a part of its id."""
    return f"{name} · {run_id[-DIGITS_OF_ID:]}"


def check_metrics(card: ModelCard) -> None:
    """Raises DamagedArtifactError if a card lacks one of the figures that every page shows."""
    missing = [name for name in NEEDED_METRICS if name not in card.metrics]
    if missing:
        raise DamagedArtifactError(
            f"The card of {card.id} lacks {' and '.join(missing)}. Train the model again."
        )


def _inspect(run: Run, home: Path, signature: object) -> FinishedRun:
    card = _check_files(run.id, home, signature)
    return FinishedRun(run, None, card) if isinstance(card, str) else FinishedRun(run, card)


def _sign_files(place: str) -> tuple[FileSignature | None, ...]:
    """A value that changes when one of the files changes; the first item is that of the card."""
    names = (CARD_FILE, *SEALED_FILES, ROBUSTNESS_FILE)
    return tuple(sign_file(f"{place}/{name}") for name in names)


@lru_cache(maxsize=MAX_CACHED_CARDS)
def _check_files(run_id: str, home: Path, _signature: object) -> ModelCard | str:
    """The card if every file is the one that it describes; otherwise what is wrong."""
    try:
        card = load_card(run_id, home)
        check_metrics(card)
        for name in SEALED_FILES:
            read_file(run_id, name, home)
        load_robustness(run_id, home)
    except (OSError, DamagedArtifactError) as error:
        return str(error)
    return card
