"""The settings of a training as widgets, derived from their descriptions.

A setting that is added to ``Recipe`` appears here. Each widget has its value in the page's address.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import streamlit as st

from core.runs.recipe import Setting

# Names in the address that differ from the names of the settings: links of earlier versions.
PARAMETERS = {
    "learning_rate": "rate",
    "batch_size": "batch",
    "train_fraction": "share",
    "drawing_weight": "drawings",
}


def pick_settings(settings: Mapping[str, Setting], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A widget for each setting; switches that follow each other are in one row.

    Args:
        settings: by name.
        defaults: the values to start with, by name.

    Returns:
        The values, by name.
    """
    picked: dict[str, Any] = {}
    for kind, names in groupby(settings, key=lambda name: settings[name].kind):
        with st.container(horizontal=kind is bool):
            for name in names:
                picked[name] = _pick(name, settings[name], defaults[name])
    return picked


def set_values(settings: Mapping[str, Setting], values: Mapping[str, Any]) -> None:
    """Set the widgets of settings, before they are shown."""
    for name, setting in settings.items():
        st.session_state[_key(name)] = setting.find_nearest(values[name])


def _pick(name: str, setting: Setting, default: Any) -> Any:
    options: dict[str, Any] = {
        "help": setting.help,
        "key": _key(name),
        "bind": "query-params",
    }
    if setting.kind is bool:
        return st.toggle(setting.title, default, **options)
    if setting.kind is str:
        index = setting.choices.index(default)
        return st.selectbox(setting.title, setting.choices, index, **options)
    if isinstance(setting.suggested, range):
        least, greatest = setting.suggested[0], setting.suggested[-1]
        return st.slider(setting.title, least, greatest, default, **options)
    if setting.suggested:
        return st.select_slider(
            setting.title, setting.suggested, default, format_func=setting.format, **options
        )
    least, greatest = setting.limits or (None, None)
    return st.number_input(setting.title, least, greatest, default, **options)


def _key(name: str) -> str:
    return PARAMETERS.get(name, name)
