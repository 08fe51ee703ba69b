"""Parts of the page ``train.py``."""
