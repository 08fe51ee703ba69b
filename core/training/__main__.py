"""The command line: ``python -m core.training <model_id>`` trains a model of the zoo."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from core.artifacts import ARTIFACTS_DIRECTORY, ModelCard
from core.digits.datasets import (
    DamagedDatasetError,
    MnistUnavailableError,
    download_mnist,
    find_mnist,
)
from core.training.trainer import train
from core.training.zoo import ZOO, ZooEntry, find_entry


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = _build_parser()
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(_describe(entry) for entry in ZOO.values()))
        return 0
    try:
        entries = [find_entry(model_id) for model_id in arguments.model_id]
    except ValueError as error:
        parser.error(str(error))
    entries = [*ZOO.values()] if arguments.all else entries
    if not entries:
        parser.error("expected a model id, --all or --list")
    return _train_all(entries, arguments.directory)


def _train_all(entries: list[ZooEntry], directory: Path) -> int:
    try:
        if find_mnist() is None:
            print("Downloading MNIST (11 MB) …")
            download_mnist()
        for entry in entries:
            print(f"Training {entry.title} …")
            print(_summarise(train(entry, directory)))
    except (MnistUnavailableError, DamagedDatasetError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.training", description=__doc__)
    parser.add_argument("model_id", nargs="*", help=f"models to train: {', '.join(ZOO)}")
    parser.add_argument("--all", action="store_true", help="train every model of the zoo")
    parser.add_argument("--list", action="store_true", help="show the zoo and train nothing")
    parser.add_argument(
        "--directory",
        type=Path,
        default=ARTIFACTS_DIRECTORY,
        help="where the model directories are written (default: artifacts/)",
    )
    return parser


def _describe(entry: ZooEntry) -> str:
    recipe = ", ".join(f"{name} {value}" for name, value in asdict(entry.recipe).items())
    return f"{entry.id:<22}{entry.build().count_params():>9,} parameters   {recipe}"


def _summarise(card: ModelCard) -> str:
    accuracy = card.metrics["test_accuracy"]
    return (
        f"{card.title}: best epoch {card.best_epoch}, MNIST test accuracy {accuracy.value:.2%} "
        f"(95 % interval {accuracy.low:.2%} to {accuracy.high:.2%}), "
        f"trained in {card.duration_seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
