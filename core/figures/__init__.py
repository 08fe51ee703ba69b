"""Plotly figures and pictures: pure functions from values to what a page shows."""
