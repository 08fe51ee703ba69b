"""Parts of the page ``compare.py``."""
