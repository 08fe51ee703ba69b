"""The lower bound for the Map page: a chart of as many points, which can be selected.

It imports nothing from Digit Lab. No page with such a chart can be faster.
"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

points = np.random.default_rng(0).uniform(-1, 1, (10_000, 2))
st.title("Points")
st.plotly_chart(go.Figure(go.Scattergl(x=points[:, 0], y=points[:, 1], mode="markers")), key="map")
