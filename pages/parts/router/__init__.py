"""Parts of the page ``router.py``."""
