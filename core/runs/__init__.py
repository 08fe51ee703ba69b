"""Runs: models that people trained themselves, kept outside the repository."""
