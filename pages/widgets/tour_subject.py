"""The subject of a step of the tour: ``tour_subject.js`` outlines it and scrolls to it."""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "tour_subject",
    html="<style></style>",
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,
)


def point_to(subject: str, *, step: int) -> None:
    """Outline what a CSS selector finds; when the step is a new one, scroll to it as well."""
    _mount(data={"subject": subject, "step": str(step)}, key="tour_subject")
