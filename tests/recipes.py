"""Values of settings for tests, which hold for settings that are added later too."""

from typing import Any

from core.runs.recipe import Recipe, list_settings

SETTINGS = list_settings(Recipe)


def choose_other_value(name: str) -> Any:
    """A value of a setting, other than its default, that the Train page offers."""
    setting, default = SETTINGS[name], getattr(Recipe(), name)
    if setting.kind is bool:
        return not default
    offered = setting.suggested or setting.choices or (default + 1,)
    return next(value for value in offered if value != default)
