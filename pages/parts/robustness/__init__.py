"""Parts of the page ``robustness.py``."""
