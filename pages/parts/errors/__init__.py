"""Parts of the page ``errors.py``."""
