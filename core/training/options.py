"""Options of the command line, derived from the settings of a plan and its recipe."""

import argparse
from collections.abc import Mapping
from typing import Any

from core.runs.recipe import OFF, ON, Setting

# Options that earlier versions had under another name.
FORMER_OPTIONS = {"train_fraction": "--share"}
# Each command has --seeds in its place.
SEED = "seed"


def add_options(
    parser: argparse.ArgumentParser, settings: Mapping[str, Setting], *, several: bool
) -> None:
    """Add an option for each setting but the seed.

    Args:
        parser: of a command.
        settings: by name.
        several: whether an option takes several values.
    """
    group = parser.add_argument_group(
        "settings", "Those that are not given are those of the model's recipe."
    )
    for name, setting in settings.items():
        if name == SEED:
            continue
        names = [f"--{name.replace('_', '-')}", *filter(None, [FORMER_OPTIONS.get(name)])]
        group.add_argument(
            *names,
            dest=name,
            nargs="+" if several else 1,
            type=str if setting.kind is bool else setting.kind,
            choices=_list_choices(setting),
            metavar=None if _list_choices(setting) else "VALUE",
            help=f"{setting.help} ({setting.describe_values()})".replace("%", "%%"),
        )


def read_options(
    options: argparse.Namespace, settings: Mapping[str, Setting]
) -> dict[str, list[Any]]:
    """The values of the options that were given, by name of the setting."""
    given = {name: getattr(options, name) for name in settings if name != SEED}
    return {
        name: [value == ON for value in values] if settings[name].kind is bool else values
        for name, values in given.items()
        if values is not None
    }


def _list_choices(setting: Setting) -> tuple[str, ...] | None:
    """The words that an option takes; None where it takes numbers."""
    if setting.kind is bool:
        return ON, OFF
    return setting.choices if setting.kind is str else None
