"""The settings of a training as widgets, derived from their descriptions.

A setting that is added to ``Recipe`` appears here. Each widget has its value in the page's address.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import Any

import streamlit as st

from core.runs.recipe import Setting
from pages.widgets.whole_number import pick_number

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
        defaults: the values to start with, by name. The address holds values that differ.

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
    """Set the widgets of settings; a page calls this before it runs."""
    for name, setting in settings.items():
        st.session_state[_key(name)] = setting.find_nearest(values[name])


def _pick(name: str, setting: Setting, default: Any) -> Any:
    show, arguments, value = _choose_widget(setting, setting.find_nearest(default))
    return show(
        setting.title,
        *arguments,
        **value,
        help=setting.help,
        key=_key(name),
        bind="query-params",
    )


def _choose_widget(
    setting: Setting, default: Any
) -> tuple[Callable[..., Any], list[Any], dict[str, Any]]:
    """The widget of a setting, its options or limits, and its default as a keyword argument."""
    if setting.kind is bool:
        return st.toggle, [], {"value": default}
    if setting.kind is str:
        return st.selectbox, [setting.choices], {"index": setting.choices.index(default)}
    if isinstance(setting.suggested, range):
        return st.slider, [setting.suggested[0], setting.suggested[-1]], {"value": default}
    if setting.suggested:
        select = partial(st.select_slider, format_func=setting.format)
        return select, [setting.suggested], {"value": default}
    return pick_number, [*(setting.limits or (None, None))], {"value": default}


def _key(name: str) -> str:
    return PARAMETERS.get(name, name)
