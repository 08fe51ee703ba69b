"""Parts of the page ``map.py``."""
