"""Parts of the page ``models.py``."""
