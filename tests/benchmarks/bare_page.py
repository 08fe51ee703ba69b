"""The floor that pages are measured against: the pad of the Draw page, and a count of its strokes.

It imports nothing of ours: what it takes, no page with that pad can do without.
"""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

drawing = st_canvas(
    key="pad",
    width=320,
    height=320,
    stroke_width=20,
    stroke_color="#FFFFFF",
    background_color="#000000",
).json_data
count = len(drawing["objects"]) if drawing else 0
st.html(f'<div data-testid="answer">{count}</div>')
