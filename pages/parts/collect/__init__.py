"""Parts of the page ``collect.py``."""
