"""Sweeps: which settings trained the best model, where many were tried side by side."""

import streamlit as st

from core.figures.hyperparameters import draw_hyperparameters
from core.runs.sweeps import list_sweeps, list_varied_settings
from pages.parts.sweeps.trials import COMMAND, show_trials

st.title("Sweeps")
st.markdown("See which settings train the best model, where many were tried side by side.")
st.page_link("runs.py", label="Each trial is one of the runs")
sweeps = {sweep.id: sweep for sweep in list_sweeps()}
if not sweeps:
    st.info("There is no sweep yet. This command trains one:", icon=":material/tune:")
    st.code(COMMAND, language="sh", wrap_lines=True)
    st.stop()
sweep = sweeps[st.selectbox("Sweep", [*sweeps], key="sweep", bind="query-params", width=260)]
if sweep.varied and sweep.ended:
    st.plotly_chart(
        draw_hyperparameters(
            list_varied_settings(sweep, sweep.ended),
            [trial.validation_accuracy or 0.0 for trial in sweep.ended],
            dark=st.context.theme.type == "dark",
        ),
        key="trials",
        config={"displayModeBar": False},
        alt=f"Validation accuracy of {len(sweep.ended)} trials by their settings; the table has "
        "the same figures",
    )
    st.caption("A line is a trial. Drag along an axis to see only some of them.")
show_trials(sweep)
