"""The command of the zoo: ``python -m core.training <model_id>`` trains one of its models."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.digits.datasets import download_mnist, find_mnist
from core.models.card import Estimate
from core.models.files import ARTIFACTS_DIRECTORY
from core.runs.recipe import Recipe, list_settings
from core.training.detector import train_detector
from core.training.options import add_options, read_options
from core.training.trainer import replicate, train
from core.training.zoo import ZOO, EnsembleRecipe, ZooEntry, find_entry

SETTINGS = list_settings(Recipe)


def main_detector() -> int:
    """Train the detector; returns the exit status."""
    _provide_mnist()
    settings = train_detector()
    refused = ", ".join(f"{name} {share:.2%}" for name, share in settings.refused.items())
    print(f"Detector: threshold {settings.threshold:.4f}; taken for no digit: {refused}")
    return 0


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    parser = _build_parser()
    arguments = parser.parse_args(words)
    if arguments.list:
        print("\n\n".join(_describe(entry) for entry in ZOO.values()))
        return 0
    entries = _choose_entries(parser, arguments)
    try:
        _provide_mnist()
        with TemporaryDirectory() as temporary:
            copies = arguments.copies or Path(temporary)
            for entry in entries:
                print(f"Training {entry.title} …")
                print(_train(entry, arguments, copies))
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _provide_mnist() -> None:
    if find_mnist() is None:
        print("Downloading MNIST (11 MB) …")
        download_mnist()


def _choose_entries(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace
) -> list[ZooEntry]:
    """The entries to train, with the settings that were given; ends the process with a message."""
    if not (arguments.model_id or arguments.all):
        parser.error("name a model, or give --all or --list")
    if arguments.seeds < 1:
        parser.error(f"--seeds must be at least 1, not {arguments.seeds}")
    changes = {name: values[0] for name, values in read_options(arguments, SETTINGS).items()}
    if changes and arguments.recipe == "published":
        parser.error("the published recipe has no other settings; leave them out")
    try:
        named = [find_entry(model_id) for model_id in arguments.model_id]
        entries = [*ZOO.values()] if arguments.all else named
        return [_change_recipe(entry, changes) for entry in entries]
    except ValueError as error:
        parser.error(str(error))


def _change_recipe(entry: ZooEntry, changes: Mapping[str, Any]) -> ZooEntry:
    """The same entry with other settings. Raises ValueError where it cannot have them."""
    if not changes:
        return entry
    if not isinstance(entry.recipe, Recipe):
        message = f"{entry.id} is not trained by Keras and has none of these settings"
        raise ValueError(message)  # noqa: TRY004
    return replace(entry, recipe=replace(entry.recipe, **changes))


def _train(entry: ZooEntry, arguments: argparse.Namespace, copies: Path) -> str:
    if arguments.recipe == "published":
        replication = replicate(entry, arguments.directory, copies=copies)
        return (
            f"{entry.title}, published recipe: best epoch {replication.best_epoch}, MNIST test "
            f"accuracy {_format_estimate(replication.test_accuracy)}, "
            f"trained in {replication.duration_seconds:.0f} s"
        )
    seeds = range(1, arguments.seeds + 1)
    card = train(entry, arguments.directory, copies=copies, seeds=seeds)
    runs = "".join(
        f"\n  seed {run.seed}: validation {run.validation_accuracy:.2%}, "
        f"MNIST test {run.test_accuracy:.2%}"
        for run in card.seed_runs
    )
    return (
        f"{card.title}: best epoch {card.best_epoch}, MNIST test accuracy "
        f"{_format_estimate(card.metrics['test_accuracy'])}, trained in "
        f"{card.duration_seconds:.0f} s{runs}"
    )


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core.training",
        description="Train models of the zoo and write them into artifacts/.",
        epilog="`python -m core.training detector` trains the detector, `python -m core.training "
        "run <run_id>` a run of the Train page, and `python -m core.training sweep <model_id> ...` "
        "a sweep.",
    )
    parser.add_argument("model_id", nargs="*", help=f"models to train: {', '.join(ZOO)}")
    parser.add_argument("--all", action="store_true", help="train every model of the zoo, in order")
    parser.add_argument("--list", action="store_true", help="show the zoo and train nothing")
    parser.add_argument(
        "--recipe",
        choices=("best", "published"),
        default="best",
        help="the most accurate recipe, or the plain one behind the published figure, of which "
        "only the figures are kept (default: best)",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="COUNT",
        help="train this many times, with seeds 1, 2, …, and keep the model with the smallest "
        "validation loss (default: 1)",
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=ARTIFACTS_DIRECTORY,
        help="where the model directories are written (default: artifacts/)",
    )
    parser.add_argument(
        "--copies",
        "--rounds",
        type=Path,
        metavar="DIRECTORY",
        help="where augmented copies of the training set are kept for later trainings, about 50 MB "
        "each (default: a temporary directory); copies made from other data or by other code are "
        "not used",
    )
    add_options(parser, SETTINGS, several=False)
    return parser


def _describe(entry: ZooEntry) -> str:
    lines = [f"{entry.id}: {entry.title}, {_count_parameters(entry)}"]
    for name, recipe in (("best", entry.recipe), ("published", entry.published_recipe)):
        if recipe is not None:
            lines.append(f"  {name + ':':<11}{_format_settings(recipe.to_card())}")
    return "\n".join(lines)


def _count_parameters(entry: ZooEntry) -> str:
    if isinstance(entry.recipe, EnsembleRecipe):
        return "as many parameters as its members together"
    return f"{entry.build().count_params():,} parameters"


def _format_settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_format_value(value)}" for name, value in settings.items() if value)


def _format_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({_format_settings(value)})"
    if isinstance(value, list):
        return " + ".join(_format_value(item) for item in value)
    return str(value)


def _format_estimate(accuracy: Estimate) -> str:
    return f"{accuracy.value:.2%} (95% interval {accuracy.low:.2%} to {accuracy.high:.2%})"
