"""The lower bound for a page with a chart: a title and a chart of a few points.

It imports nothing from Digit Lab. No page with a chart of Plotly can be faster.
"""

import plotly.graph_objects as go
import streamlit as st

st.title("Bare page with one chart")
st.plotly_chart(go.Figure(go.Scatter(x=[1, 2, 3], y=[1, 3, 2])), key="chart")
