"""Parts of the page ``sweeps.py``."""
