"""The trials of a sweep, as a table."""

import streamlit as st

from core.runs.plan import format_setting, get_setting, title_setting
from core.runs.sweeps import Sweep, Trial
from core.runs.training_data import TITLES


def show_trials(sweep: Sweep) -> None:
    """The settings and the results of each trial, sorted by validation loss."""
    unfinished = len(sweep.trials) - len(sweep.ended)
    caption = (
        f"Started {sweep.created_at:%Y-%m-%d %H:%M} UTC, {len(sweep.trials)} trials on "
        f"{TITLES[sweep.trials[0].plan.training_data]}."
    )
    if unfinished:
        caption += f" Not ended: {unfinished}."
    if unfinished and sweep.trials[0].run.owner is None:
        caption += " Run the command that started the sweep again to resume them."
    st.caption(caption)
    st.dataframe(
        [_list_cells(sweep, trial) for trial in sweep.trials],
        hide_index=True,
        height="content",
        column_config={"Trial": st.column_config.TextColumn(pinned=True)},
        alt="Settings, validation accuracy, loss and training time of each trial",
    )


def _list_cells(sweep: Sweep, trial: Trial) -> dict[str, str]:
    settings = {
        title_setting(name): format_setting(name, get_setting(trial.plan, name))
        for name in sweep.varied
    }
    measures = {"Validation accuracy": "–", "Validation loss": "–", "Training time": "–"}
    if trial.card:
        measures = {
            "Validation accuracy": f"{trial.validation_accuracy:.2%}",
            "Validation loss": f"{trial.validation_loss:.4f}",
            "Training time": f"{trial.card.duration_seconds:.1f} s",
        }
    return {"Trial": trial.run.name, **settings, **measures, "Run": trial.run.id}
