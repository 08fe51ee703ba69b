"""Parts of the page ``confusion.py``."""
