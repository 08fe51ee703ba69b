"""Parts of the page ``drawings.py``."""
