"""Parts of the page ``draw.py``."""
