"""Batch reading: folders of pictures, read by many processes, and what is left of them on disk."""
