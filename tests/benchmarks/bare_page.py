"""The lower bound for the Draw page: the same pad, and the number of its strokes.

It imports nothing from Digit Lab. No page with this pad can be faster.
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
