"""Parts of the page ``curves.py``."""
