"""Sweeps: runs started together to find the best settings.

A sweep has no file of its own: the plan of each of its runs, the trials, names the sweep. This
module does not train them.
"""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from core.models.card import ModelCard
from core.models.files import CARD_FILE, DamagedArtifactError, load_card, runs_directory
from core.runs.plan import (
    TrainingPlan,
    change_settings,
    format_setting,
    get_setting,
    list_plan_settings,
    title_setting,
)
from core.runs.recipe import Recipe
from core.runs.run import Run, list_runs

ID_DIGITS = 12


class UnknownSweepError(LookupError):
    """There is no such sweep."""


@dataclass(frozen=True)
class Trial:
    """One run of a sweep.

    Attributes:
        card: of the trained model; None before there is one.
    """

    run: Run
    plan: TrainingPlan
    card: ModelCard | None = None

    @property
    def validation_accuracy(self) -> float | None:
        """Accuracy on the validation set, 0…1."""
        return self.card.metrics["validation_accuracy"].value if self.card else None

    @property
    def validation_loss(self) -> float | None:
        """Cross-entropy on the validation set in nats; the best trial has the smallest."""
        return self.card.seed_runs[0].validation_loss if self.card else None


@dataclass(frozen=True)
class VariedSetting:
    """A setting that differs between the trials of a sweep.

    Attributes:
        title: as pages and tables show it.
        choices: its values in words, in order.
        chosen: for each trial, the index of its value in ``choices``.
    """

    title: str
    choices: tuple[str, ...]
    chosen: tuple[int, ...]


@dataclass(frozen=True)
class Sweep:
    """Trials, sorted by validation loss; those without a model yet are last."""

    id: str
    trials: tuple[Trial, ...]

    def __post_init__(self) -> None:
        if not self.trials:
            raise ValueError(f"expected at least one trial in {self.id}, got none")

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """The names of the settings that differ between trials, in the order of the plan."""
        names = ("architecture", *list_plan_settings())
        return tuple(
            name
            for name in names
            if len({get_setting(trial.plan, name) for trial in self.trials}) > 1
        )

    @property
    def ended(self) -> tuple[Trial, ...]:
        """The trials that made a model."""
        return tuple(trial for trial in self.trials if trial.card)

    @property
    def created_at(self) -> datetime:
        """When the first trial was created."""
        return min(trial.run.created_at for trial in self.trials)


def list_varied_settings(sweep: Sweep, trials: Sequence[Trial]) -> tuple[VariedSetting, ...]:
    """The settings that a sweep varies, with their values in some of its trials."""
    varied = []
    for name in sweep.varied:
        values = sorted({get_setting(trial.plan, name) for trial in sweep.trials})
        chosen = tuple(values.index(get_setting(trial.plan, name)) for trial in trials)
        choices = tuple(format_setting(name, value) for value in values)
        varied.append(VariedSetting(title_setting(name), choices, chosen))
    return tuple(varied)


def plan_trials(
    plans: Sequence[TrainingPlan],
    choices: Mapping[str, Sequence[Any]],
    *,
    max_trials: int | None = None,
) -> tuple[TrainingPlan, ...]:
    """The plans of a new sweep: every combination of choices, or a random sample of them.

    Args:
        plans: the plans to start from, one for each model.
        choices: values by name of the setting.
        max_trials: size of the sample; None for all combinations. The same arguments give the same
            sample.

    Raises:
        ValueError: a setting cannot have one of its values, or ``max_trials`` is below 1.
    """
    if max_trials is not None and max_trials < 1:
        raise ValueError(f"A sweep needs at least one trial, not {max_trials}")
    trials = [
        change_settings(plan, **dict(zip(choices, values, strict=True)))
        for plan in plans
        for values in product(*choices.values())
    ]
    if max_trials is not None and max_trials < len(trials):
        # The seed is a text, which gives the same sample in every process.
        sample = random.Random(_digest(trials)).sample(range(len(trials)), max_trials)
        trials = [trials[index] for index in sorted(sample)]
    sweep_id = f"sweep_{_digest(trials)}"
    return tuple(replace(plan, sweep=sweep_id) for plan in dict.fromkeys(trials))


def name_trial(plan: TrainingPlan) -> str:
    """The run id of a trial, the same for the same plan."""
    return f"run_{_digest([plan])}"


def load_sweep(sweep_id: str, directory: Path | None = None) -> Sweep:
    """A sweep by its id.

    Raises:
        UnknownSweepError: there is none with this id; the message lists the choices.
    """
    sweeps = {sweep.id: sweep for sweep in list_sweeps(directory)}
    if sweep_id not in sweeps:
        raise UnknownSweepError(
            f"There is no sweep {sweep_id[:60]!r}; choices are {', '.join(sweeps) or 'none'}"
        )
    return sweeps[sweep_id]


def list_sweeps(directory: Path | None = None, *, owner: str | None = None) -> list[Sweep]:
    """The sweeps of everybody and of an owner, newest first.

    Runs whose plan cannot be read are left out.
    """
    trials: dict[str, list[Trial]] = {}
    for run in list_runs(owner, directory):
        try:
            plan = TrainingPlan.from_fields(run.plan)
        except ValueError:
            continue
        if plan.sweep:
            card = _load_card(run.id, directory or runs_directory())
            trials.setdefault(plan.sweep, []).append(Trial(run, plan, card))
    sweeps = [
        Sweep(sweep_id, tuple(sorted(found, key=_sort_key))) for sweep_id, found in trials.items()
    ]
    return sorted(sweeps, key=lambda sweep: sweep.created_at, reverse=True)


def _sort_key(trial: Trial) -> tuple[bool, float, str]:
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
    text = json.dumps([_list_changed_fields(plan) for plan in plans], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]


def _list_changed_fields(plan: TrainingPlan) -> dict[str, Any]:
    """The fields of a plan, less the recipe's defaults and the data, which a sweep does not vary.

    A setting that is added to ``Recipe`` later leaves the ids of earlier trials as they are, so
    that an interrupted sweep can still be resumed.
    """
    defaults = Recipe().to_fields()
    recipe = plan.recipe.to_fields()
    changed = {name: value for name, value in recipe.items() if value != defaults[name]}
    fields = plan.to_fields() | {"recipe": changed}
    del fields["training_data"]
    return fields
