"""The command line of the zoo: ``python -m core.training <model_id>`` trains one of its models."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.digits.datasets import download_mnist, find_mnist
from core.models.card import Estimate
from core.models.files import ARTIFACTS_DIRECTORY
from core.training.trainer import replicate, train
from core.training.zoo import ZOO, EnsembleRecipe, ZooEntry, find_entry


def main(words: Sequence[str]) -> int:
    """Run the command line of the zoo; returns the exit status."""
    parser = _build_parser()
    arguments = parser.parse_args(words)
    if arguments.list:
        print("\n\n".join(_describe(entry) for entry in ZOO.values()))
        return 0
    try:
        entries = [find_entry(model_id) for model_id in arguments.model_id]
    except ValueError as error:
        parser.error(str(error))
    entries = [*ZOO.values()] if arguments.all else entries
    if not entries:
        parser.error("expected a model id, --all or --list")
    if arguments.seeds < 1:
        parser.error(f"expected at least one seed, got {arguments.seeds}")
    try:
        if find_mnist() is None:
            print("Downloading MNIST (11 MB) …")
            download_mnist()
        with TemporaryDirectory() as temporary:
            rounds = arguments.rounds or Path(temporary)
            for entry in entries:
                print(f"Training {entry.title} …")
                print(_train(entry, arguments, rounds))
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train(entry: ZooEntry, arguments: argparse.Namespace, rounds: Path) -> str:
    if arguments.recipe == "published":
        replication = replicate(entry, arguments.directory, rounds=rounds)
        return (
            f"{entry.title}, published recipe: best epoch {replication.best_epoch}, MNIST test "
            f"accuracy {_phrase(replication.test_accuracy)}, "
            f"trained in {replication.duration_seconds:.0f} s"
        )
    seeds = range(1, arguments.seeds + 1)
    card = train(entry, arguments.directory, rounds=rounds, seeds=seeds)
    runs = "".join(
        f"\n  seed {run.seed}: validation {run.validation_accuracy:.2%}, "
        f"MNIST test {run.test_accuracy:.2%}"
        for run in card.seed_runs
    )
    return (
        f"{card.title}: best epoch {card.best_epoch}, MNIST test accuracy "
        f"{_phrase(card.metrics['test_accuracy'])}, trained in {card.duration_seconds:.0f} s{runs}"
    )


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.training", description=__doc__)
    parser.add_argument("model_id", nargs="*", help=f"models to train: {', '.join(ZOO)}")
    parser.epilog = (
        "In place of all this, `run <run_id>` trains a run of the Train page, and `sweep "
        "<model_id> ...` a sweep."
    )
    parser.add_argument("--all", action="store_true", help="train every model of the zoo, in order")
    parser.add_argument("--list", action="store_true", help="show the zoo and train nothing")
    parser.add_argument(
        "--recipe",
        choices=("best", "published"),
        default="best",
        help="the recipe that reads best, or the plain one behind the published figure, of which "
        "only the figures are kept (default: best)",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="COUNT",
        help="train this many times, with seeds 1, 2, …, and keep the model that validation "
        "chooses (default: 1)",
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=ARTIFACTS_DIRECTORY,
        help="where the model directories are written (default: artifacts/)",
    )
    parser.add_argument(
        "--rounds",
        type=Path,
        help="where augmented copies of the training set are kept for other runs to use, about "
        "50 MB each (default: a temporary directory)",
    )
    return parser


def _describe(entry: ZooEntry) -> str:
    lines = [f"{entry.id}: {entry.title}, {_count_parameters(entry)}"]
    for name, recipe in (("best", entry.recipe), ("published", entry.published_recipe)):
        if recipe is not None:
            lines.append(f"  {name + ':':<11}{_phrase_settings(asdict(recipe))}")
    return "\n".join(lines)


def _count_parameters(entry: ZooEntry) -> str:
    if isinstance(entry.recipe, EnsembleRecipe):
        return "as many parameters as its members together"
    return f"{entry.build().count_params():,} parameters"


def _phrase_settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {_phrase_value(value)}"
        for name, value in settings.items()
        if value not in (None, False, ())
    )


def _phrase_value(value: Any) -> str:
    if isinstance(value, dict):
        return f"({_phrase_settings(value)})"
    if isinstance(value, tuple):
        return " + ".join(_phrase_value(one) for one in value)
    return str(value)


def _phrase(accuracy: Estimate) -> str:
    return f"{accuracy.value:.2%} (95 % interval {accuracy.low:.2%} to {accuracy.high:.2%})"
