"""Parts of the page ``runs.py``."""
