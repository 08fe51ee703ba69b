"""Sweeps: trainings with different settings, to find the settings of the best model."""

from collections.abc import Mapping

import streamlit as st

from core.figures.hyperparameters import draw_hyperparameters
from core.runs.sweeps import Sweep, list_sweeps, list_varied_settings
from pages.parts.sweeps.grid import STARTED, offer_sweep
from pages.parts.sweeps.running import show_sweep_progress
from pages.parts.sweeps.trials import show_trials
from pages.widgets.visitor import get_owner


def main() -> None:
    """Show the trials of one sweep as a figure and as a table, and offer to start another."""
    owner = get_owner()
    st.title("Sweeps")
    st.markdown("See which settings train the best model. A sweep tries many of them.")
    sweeps = {sweep.id: sweep for sweep in list_sweeps(owner=owner)}
    if sweeps:
        show_sweep(pick_sweep(sweeps), owner)
    with st.expander("Start a sweep", icon=":material/tune:", expanded=not sweeps):
        offer_sweep(owner)
    st.page_link("runs.py", label="All runs")


def pick_sweep(sweeps: Mapping[str, Sweep]) -> Sweep:
    """Let the visitor choose a sweep; the one that was just started is chosen."""
    started = st.session_state.pop(STARTED, None)
    if started in sweeps:
        st.session_state["sweep"] = started
    sweep_id = st.selectbox(
        "Sweep",
        [*sweeps],
        key="sweep",
        bind="query-params",
        width=260,
    )
    return sweeps[sweep_id]


def show_sweep(sweep: Sweep, owner: str) -> None:
    """Show the progress and the results of a sweep."""
    show_sweep_progress(sweep.id, owner)
    show_settings(sweep)
    show_trials(sweep)


def show_settings(sweep: Sweep) -> None:
    """Show settings and accuracy of each trial, if settings vary and a trial has ended."""
    if not (sweep.varied and sweep.ended):
        return
    st.plotly_chart(
        draw_hyperparameters(
            list_varied_settings(sweep, sweep.ended),
            [trial.validation_accuracy or 0.0 for trial in sweep.ended],
            dark=st.context.theme.type == "dark",
        ),
        key="trials",
        config={"displayModeBar": False},
        alt=f"Validation accuracy of {len(sweep.ended)} trials by their settings; the table has "
        "the same values",
    )
    st.caption("Each line is a trial. Drag along an axis to show some of the trials only.")


if __name__ == "__main__":
    main()
