"""Sweeps: runs that were asked for together to find out which settings are best.

A sweep has no file of its own: the plan of each of its runs, its trials, names it. So what is told
of a sweep is what is told of its runs. This module does not know who trains them.
"""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from core.models.card import ModelCard
from core.models.files import CARD_FILE, DamagedArtifactError, load_card, runs_directory
from core.runs.plan import TrainingPlan
from core.runs.run import Run, list_runs

ID_DIGITS = 12


class UnknownSweepError(LookupError):
    """There is no such sweep."""


@dataclass(frozen=True)
class Trial:
    """One run of a sweep.

    Attributes:
        card: of the model it made; None as long as there is none.
    """

    run: Run
    plan: TrainingPlan
    card: ModelCard | None = None

    @property
    def validation_accuracy(self) -> float | None:
        """0…1, on the images held out."""
        return self.card.metrics["validation_accuracy"].value if self.card else None

    @property
    def validation_loss(self) -> float | None:
        """Cross-entropy in nats, on the images held out: what the best trial is chosen by."""
        return self.card.seed_runs[0].validation_loss if self.card else None


@dataclass(frozen=True)
class Setting:
    """A field of the plan that trials differ in.

    Attributes:
        title: of the field, in words.
        choices: its values in words, in order.
        chosen: for each trial the place of its value among them.
    """

    title: str
    choices: tuple[str, ...]
    chosen: tuple[int, ...]


@dataclass(frozen=True)
class Sweep:
    """Trials, the one of least validation loss first, those that have not ended last."""

    id: str
    trials: tuple[Trial, ...]

    def __post_init__(self) -> None:
        if not self.trials:
            raise ValueError(f"expected at least one trial in {self.id}, got none")

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """The fields of the plan in which trials differ, in the plan's own order."""
        plans = [trial.plan for trial in self.trials]
        names = (one.name for one in fields(TrainingPlan))
        return tuple(one for one in names if len({getattr(plan, one) for plan in plans}) > 1)

    @property
    def ended(self) -> tuple[Trial, ...]:
        """The trials that made a model."""
        return tuple(trial for trial in self.trials if trial.card)

    @property
    def created_at(self) -> datetime:
        """When it was asked for."""
        return min(trial.run.created_at for trial in self.trials)


def list_settings(sweep: Sweep, trials: Sequence[Trial]) -> tuple[Setting, ...]:
    """The fields that a sweep varies, and what some of its trials have in them."""
    settings = []
    for name in sweep.varied:
        values = sorted({getattr(trial.plan, name) for trial in sweep.trials})
        chosen = tuple(values.index(getattr(trial.plan, name)) for trial in trials)
        settings.append(Setting(format_setting(name), tuple(map(phrase_setting, values)), chosen))
    return tuple(settings)


def plan_trials(
    plans: Sequence[TrainingPlan],
    choices: Mapping[str, Sequence[Any]],
    *,
    most: int | None = None,
) -> tuple[TrainingPlan, ...]:
    """The plans of a new sweep: every combination of choices, or some drawn at random.

    Args:
        plans: to begin with, one a model.
        choices: of values, by field of the plan.
        most: how many combinations are drawn; None for all. The same arguments draw the same.

    Raises:
        ValueError: a value does not fit its field, or there are fewer than one trial.
    """
    if most is not None and most < 1:
        raise ValueError(f"expected at least one trial, got {most}")
    trials = [
        replace(plan, **dict(zip(choices, values, strict=True)))
        for plan in plans
        for values in product(*choices.values())
    ]
    if most is not None and most < len(trials):
        # Seeded by a text, so that it is the same in every process.
        chosen = random.Random(_digest(trials)).sample(range(len(trials)), most)
        trials = [trials[place] for place in sorted(chosen)]
    sweep_id = f"sweep_{_digest(trials)}"
    return tuple(replace(plan, sweep=sweep_id) for plan in dict.fromkeys(trials))


def name_trial(plan: TrainingPlan) -> str:
    """The id of the run of a plan in a sweep: the same plan has the same one."""
    return f"run_{_digest([plan])}"


def load_sweep(sweep_id: str, directory: Path | None = None) -> Sweep:
    """A sweep by its id.

    Raises:
        UnknownSweepError: there is none of that id; the message lists the choices.
    """
    sweeps = {sweep.id: sweep for sweep in list_sweeps(directory)}
    if sweep_id not in sweeps:
        raise UnknownSweepError(
            f"expected the id of a sweep, got {sweep_id[:60]!r}; "
            f"choices are {', '.join(sweeps) or 'none'}"
        )
    return sweeps[sweep_id]


def list_sweeps(directory: Path | None = None) -> list[Sweep]:
    """All sweeps, newest first. Runs whose plan cannot be read are left out."""
    trials: dict[str, list[Trial]] = {}
    for run in list_runs(None, directory):
        try:
            plan = TrainingPlan.from_fields(run.plan)
        except ValueError:
            continue
        if plan.sweep:
            card = _load_card(run.id, directory or runs_directory())
            trials.setdefault(plan.sweep, []).append(Trial(run, plan, card))
    sweeps = [
        Sweep(sweep_id, tuple(sorted(found, key=_rank))) for sweep_id, found in trials.items()
    ]
    return sorted(sweeps, key=lambda sweep: sweep.created_at, reverse=True)


def format_setting(field: str) -> str:
    """A field of the plan in words."""
    return "model" if field == "base" else field.replace("_", " ")


def phrase_setting(value: Any) -> str:
    """The value of such a field in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rank(trial: Trial) -> tuple[bool, float, str]:
    loss = trial.validation_loss
    return (loss is None, loss or 0.0, trial.run.name)


def _load_card(run_id: str, directory: Path) -> ModelCard | None:
    if not (directory / run_id / CARD_FILE).exists():
        return None
    try:
        return load_card(run_id, directory)
    except DamagedArtifactError:
        return None


def _digest(plans: Sequence[TrainingPlan]) -> str:
    text = json.dumps([plan.to_fields() for plan in plans], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
