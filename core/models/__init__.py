"""A trained model on disk: its card, its files, and how they are published."""

from core.models.files import list_model_ids

__all__ = ["list_model_ids"]
