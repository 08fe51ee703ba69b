"""Everything Digit Lab knows about digits, models and errors. Nothing here imports Streamlit."""
