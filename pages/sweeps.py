"""Sweeps: trainings with different settings, to find the settings of the best model."""

import streamlit as st

from core.figures.hyperparameters import draw_hyperparameters
from core.runs.sweeps import Sweep, list_sweeps, list_varied_settings
from pages.parts.sweeps.trials import COMMAND, show_trials


def main() -> None:
    """Show the trials of one sweep as a figure and as a table."""
    st.title("Sweeps")
    st.markdown("See which settings train the best model. A sweep tries many of them.")
    st.page_link("runs.py", label="Each trial is a run")
    sweeps = {sweep.id: sweep for sweep in list_sweeps()}
    if not sweeps:
        st.info("There is no sweep yet. This command trains one:", icon=":material/tune:")
        st.code(COMMAND, language="sh", wrap_lines=True)
        return
    sweep_id = st.selectbox("Sweep", [*sweeps], key="sweep", bind="query-params", width=260)
    show_settings(sweeps[sweep_id])
    show_trials(sweeps[sweep_id])


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
