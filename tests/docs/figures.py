"""The figures that README and docs show, each a piece of Markdown made of cards and reports."""

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from statistics import mean
from typing import Any

from core.api.settings import Settings, name_variable
from core.digits.image_file import MAX_PIXELS
from core.drawings.drawing import MAX_DRAWINGS
from core.runs import lesson
from core.runs.queue import MAX_QUEUED, MAX_QUEUED_PER_OWNER, MAX_QUEUED_TRIALS
from core.runs.recipe import MAX_EPOCHS
from core.runs.store import MAX_RUNS
from core.runs.sweep_jobs import MAX_TRIALS
from core.synthesis.corruptions import CORRUPTIONS
from tests.docs.reports import (
    NOT_MEASURED,
    ROOT,
    load_cards,
    load_detector,
    load_replications,
    load_robustness,
    read_number,
    read_tables,
    write_table,
)

DATASETS = {
    "mnist_test": "MNIST test",
    "bundled_digits": "Bundled digits",
    "pen_strokes": "Pen digits, strokes",
    "pen_pictures": "Pen digits, pictures",
    "real_pictures": "Real pictures",
}
# Models that stand for the others where a table would be too wide.
FEW_MODELS = ("lenet5", "logistic_regression", "mlp", "committee")
PAGE_COLUMNS = ("Bare page", "Digit Lab", "Keras page")
# Seconds between two strokes of somebody who draws without a pause, with short and long ones.
STROKE_INTERVALS = (1, 5, 15)
CLASS_SIZES = (20, 100, 500)
# What each limit of the API limits, by the field of its settings.
API_LIMITS = {
    "max_body_bytes": "bytes of a request; a larger one is refused while it arrives",
    "max_files": "pictures in a request",
    "max_strokes": "strokes in a drawing",
    "max_points": "points in a drawing, all strokes together",
    "max_digits": "digits in a request, all pictures together; a request with more is refused",
    "max_requests_per_second": "requests a second from one address; 0 means no limit",
}


def write_accuracy() -> str:
    """The accuracy of every model in short."""
    rows = [
        (
            card["title"],
            f"{card['parameter_count']:,}",
            f"**{_percent(_estimate(card, 'test')['value'], 2)}**",
            _interval(_estimate(card, "test")),
            _percent(_estimate(card, "bundled_digits")["value"]),
            _percent(_estimate(card, "pen_strokes")["value"]),
            _percent_or_gap(card, "real_pictures"),
        )
        for card in load_cards().values()
    ]
    header = ("Model", "Parameters", "MNIST test", "95 % interval", "Bundled digits", "Pen digits",
              "Real pictures")  # fmt: skip
    return write_table(header, rows)


def write_datasets() -> str:
    """The accuracy of every model on every data set, with intervals."""
    names = {"test": "MNIST test", **{key: DATASETS[key] for key in list(DATASETS)[1:]}}
    rows = [
        (
            card["title"],
            *(_percent_or_gap(card, name, with_interval=True) for name in names),
        )
        for card in load_cards().values()
    ]
    return write_table(("Model", *names.values()), rows)


def write_published() -> str:
    """What others published, what their recipes gave here where tried, and our own figures."""
    rows = []
    for model_id, card in load_cards().items():
        published = card["published"]["test_accuracy"]
        if published is None or model_id not in load_replications():
            continue
        replicated = load_replications()[model_id]["test_accuracy"]
        rows.append(
            (
                card["title"],
                _percent(published, 2),
                f"{_percent(replicated['value'], 2)} ({_interval(replicated)})",
                f"{_percent(_estimate(card, 'test')['value'], 2)} "
                f"({_interval(_estimate(card, 'test'))})",
                card["published"]["source"].removeprefix("the ").replace("student", "Student", 1),
            )
        )
    return write_table(("Model", "Published", "Reproduced", "Digit Lab", "Published by"), rows)


def write_digits() -> str:
    """The accuracy of every model on pen strokes, digit by digit."""
    rows = [
        (card["title"], *(f"{100 * one:.1f}" for one in card["accuracy_by_digit"]["pen_strokes"]))
        for card in load_cards().values()
    ]
    return write_table(("Model, %", *range(10)), rows)


def write_seeds() -> str:
    """The test accuracy of each seed, of the models that were trained from several."""
    rows = [
        (card["title"], *(_percent(run["test_accuracy"], 2) for run in card["seed_runs"]))
        for card in load_cards().values()
        if len(card["seed_runs"]) > 1
    ]
    if not rows:
        return "Each model in the repository was trained from one seed."
    seeds = range(1, len(rows[0]))
    return write_table(("MNIST test", *(f"Seed {seed}" for seed in seeds)), rows)


def write_calibration() -> str:
    """How well confidence matches accuracy, and what is shown as "not sure"."""
    rows = []
    for card in load_cards().values():
        error, not_sure = card["calibration"]["error_after"], card["calibration"]["not_sure"]
        rows.append(
            (
                card["title"],
                _percent(error["mnist_test"], 2),
                _percent(error["pen_strokes"], 2),
                _percent(error["bundled_digits"]),
                _percent(not_sure["mnist_test"]),
                _percent(not_sure["pen_strokes"]),
                _percent(not_sure["scribbles"]),
            )
        )
    header = ("Model", "Error, MNIST test", "Error, pen digits", "Error, bundled digits",
              "Not sure, MNIST test", "Not sure, pen digits", "Not sure, non-digits")  # fmt: skip
    return write_table(header, rows)


def write_detector() -> str:
    """How much of each data set the detector takes for no digit."""
    refused = load_detector()["refused"]
    titles = {**DATASETS, "non_digits": "Non-digits"}
    shown = [name for name in titles if name in refused]
    return write_table(
        ("", *(titles[name] for name in shown)),
        [("No digit", *(_percent(refused[name], 2) for name in shown))],
    )


def write_training_time() -> str:
    """How long the trainings of all models took."""
    hours = sum(card["duration_seconds"] for card in load_cards().values()) / 3600
    return f"Training the models in the repository took {hours:.1f} hours in total."


def write_real_pictures() -> str:
    """What every model, and the vote of the default ones, make of real pictures."""
    table = read_tables("real_pictures")[0]
    titles = {model_id: card["title"] for model_id, card in load_cards().items()}
    rows = [
        (titles.get(row[0], row[0].capitalize()), *(cell.replace("%", " %") for cell in row[1:-1]))
        for row in table.rows
    ]
    return write_table(table.header[:-1], rows)


def write_real_picture_kinds() -> str:
    """The accuracy of some models by the kind of picture, and the time to find its digits."""
    by_kind, times = (read_tables("real_pictures")[place] for place in (1, 3))
    rows = [
        (
            *row[:2],
            *(_cell_text(row, by_kind.header, one).replace("%", " %") for one in FEW_MODELS),
            times.get_cell(row[0], "Finding, median, ms"),
        )
        for row in by_kind.rows
    ]
    return write_table((*by_kind.header[:2], *_titles(FEW_MODELS), "Finding, median, ms"), rows)


def write_uploads() -> str:
    """The share of simulated uploads that some models read right."""
    (table,) = read_tables("uploads")
    rows = [
        (
            row[0].strip("* ").capitalize(),
            *(_percent(_cell(row, table.header, name) / 100) for name in FEW_MODELS),
            f"{_cell(row, table.header, 'Finding the ink, ms'):.0f}",
        )
        for row in table.rows
    ]
    return write_table(("Simulated picture", *_titles(FEW_MODELS), "Finding the ink, ms"), rows)


def write_robustness() -> str:
    """The mean accuracy of every model under each corruption."""
    counts = load_robustness()
    models = sorted(counts, key=lambda model_id: -_average(counts[model_id]))
    rows = [
        (corruption.title, *(_average_under(name, counts[one]) for one in models))
        for name, corruption in CORRUPTIONS.items()
    ]
    averages = (f"**{100 * _average(counts[one]):.1f}**" for one in models)
    return write_table(("Accuracy, %", *_titles(models)), [("**All**", *averages), *rows])


def write_fine_tuning() -> str:
    """What fine-tuning with one person's drawings gains and costs."""
    (table,) = read_tables("fine_tuning")
    rows = [(row[0], *(cell.replace("%", " %") for cell in row[1:])) for row in table.rows]
    return write_table(table.header, rows)


def write_forecast() -> str:
    """What trainings took, beside what was forecast."""
    (table,) = read_tables("forecast")
    return write_table(table.header, table.rows)


def write_speed() -> str:
    """How fast strokes and pictures are predicted, beside plain Keras."""
    strokes, requests = read_tables("speed")
    rows = [
        (
            "Three predictions for one drawing, ms",
            strokes.get_cell("`keras_model.predict`", "Median, ms"),
            strokes.get_cell("Digit Lab", "Median, ms"),
            f"{strokes.get_cell('Ratio', 'Median, ms')} times as fast",
        )
    ]
    for row in requests.rows:
        rows.append(
            (
                f"Pictures a second through the API, {row[0]} client{'s' * (row[0] != '1')}",
                row[1],
                row[3],
                f"{row[5]} times as many",
            )
        )
    return write_table(("", "Keras", "Digit Lab", "Ratio"), rows)


def write_page_speed() -> str:
    """How fast the Draw page answers, beside a bare page and one that calls Keras."""
    table = read_tables("pages")[0]
    rows = [(row[0], *(_cell_text(row, table.header, one) for one in PAGE_COLUMNS))
            for row in table.rows]  # fmt: skip
    return write_table(("Draw page", *PAGE_COLUMNS), rows)


def write_every_page() -> str:
    """How fast every page appears."""
    table = read_tables("pages")[1]
    return write_table(table.header, table.rows)


def write_batch() -> str:
    """How fast a folder is read."""
    rates, _ = read_tables("batch")
    return write_table(rates.header, rates.rows)


def write_sessions() -> str:
    """How one server takes the strokes of visitors who draw at the same time."""
    (table,) = read_tables("sessions")
    return write_table(table.header, table.rows)


def write_replicas() -> str:
    """How many replicas a class needs, from the rate at which one replica takes strokes."""
    (table,) = read_tables("sessions")
    rate = table.get_number("Strokes taken a second", table.header[-1])
    if rate is None:
        return f"The rate at which one server takes strokes is {NOT_MEASURED}."
    header = ("Visitors who draw at the same time", *map(_phrase_interval, STROKE_INTERVALS))
    rows = [
        (visitors, *(math.ceil(visitors / interval / rate) for interval in STROKE_INTERVALS))
        for visitors in CLASS_SIZES
    ]
    return (
        f"One replica took {rate:.0f} strokes a second. Replicas needed at that rate:\n\n"
        + write_table(header, rows)
        + "\n\nThe table assumes that replicas do not slow each other down; only one was measured."
    )


def write_api_limits() -> str:
    """The limits of the API, their variables and their defaults."""
    rows = [
        (f"`{name_variable(field.name)}`", f"{field.default:,}", API_LIMITS[field.name])
        for field in fields(Settings)
    ]
    return write_table(("Variable", "Default", "What it limits"), rows)


def write_limits() -> str:
    """What a visitor may keep, send and train."""
    streamlit = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
    rows = [
        ("saved drawings of a visitor", f"{MAX_DRAWINGS:,}"),
        ("runs of a visitor", MAX_RUNS),
        (
            "what a taught model that is kept as a run has learned",
            f"{lesson.MAX_DRAWINGS} drawings, {lesson.MAX_STEPS:,} steps",
        ),
        ("queued runs", f"{MAX_QUEUED}, of which {MAX_QUEUED_PER_OWNER} of one visitor"),
        ("trials of a sweep that a visitor starts", MAX_TRIALS),
        ("queued trials", f"{MAX_QUEUED_TRIALS}, of one sweep of each visitor"),
        ("runs in training at the same time", 1),
        ("epochs of a run", MAX_EPOCHS),
        ("a picture", f"{MAX_PIXELS // 10**6} megapixels"),
        ("a file uploaded to a page", f"{streamlit['server']['maxUploadSize']} MB"),
    ]
    return write_table(("What", "Limit"), rows)


def write_packages() -> str:
    """How much space the packages take, and how much memory the two ways to predict."""
    sizes, imports = read_tables("packages")
    return f"{write_table(sizes.header, sizes.rows)}\n\n{write_table(imports.header, imports.rows)}"


def write_sizes() -> str:
    """How much space an installation takes, in a sentence."""
    sizes, _ = read_tables("packages")
    full, serve = (sizes.get_cell(f"`{name}.txt`", "Installed, GB")
                   for name in ("requirements-train", "requirements-serve"))  # fmt: skip
    return (
        f"The packages take {full} GB on disk, most of it TensorFlow. Without training, "
        f"`requirements-serve.txt`\nis enough and takes {serve} GB."
    )


def _phrase_interval(seconds: int) -> str:
    return "a stroke a second each" if seconds == 1 else f"a stroke every {seconds} s each"


def _titles(model_ids: Sequence[str]) -> list[str]:
    return [load_cards()[one]["title"] for one in model_ids]


def _estimate(card: Mapping[str, Any], dataset: str) -> Mapping[str, float]:
    estimate: Mapping[str, float] = card["metrics"][f"{dataset}_accuracy"]
    return estimate


def _percent_or_gap(card: Mapping[str, Any], dataset: str, *, with_interval: bool = False) -> str:
    """The accuracy; data sets that are not in this repository may not be measured yet."""
    if f"{dataset}_accuracy" not in card["metrics"]:
        return NOT_MEASURED
    estimate = _estimate(card, dataset)
    if not with_interval:
        return _percent(estimate["value"])
    return f"{_percent(estimate['value'], 2)} ({_interval(estimate)})"


def _percent(share: float, decimals: int = 1) -> str:
    return f"{100 * share:.{decimals}f} %"


def _interval(estimate: Mapping[str, float]) -> str:
    return f"{100 * estimate['low']:.2f} to {100 * estimate['high']:.2f} %"


def _average_under(corruption_id: str, counts: Mapping[str, Any]) -> str:
    right = counts["right"].get(corruption_id)
    return NOT_MEASURED if right is None else f"{100 * mean(right) / counts['total']:.0f}"


def _average(counts: Mapping[str, Any]) -> float:
    return mean(mean(right) for right in counts["right"].values()) / counts["total"]


def _cell_text(row: Sequence[str], header: Sequence[str], column: str) -> str:
    return row[header.index(column)]


def _cell(row: Sequence[str], header: Sequence[str], column: str) -> float:
    return read_number(_cell_text(row, header, column))


FIGURES: Mapping[str, Callable[[], str]] = {
    "accuracy": write_accuracy,
    "api_limits": write_api_limits,
    "batch": write_batch,
    "calibration": write_calibration,
    "datasets": write_datasets,
    "detector": write_detector,
    "digits": write_digits,
    "every_page": write_every_page,
    "fine_tuning": write_fine_tuning,
    "forecast": write_forecast,
    "limits": write_limits,
    "packages": write_packages,
    "page_speed": write_page_speed,
    "published": write_published,
    "real_picture_kinds": write_real_picture_kinds,
    "real_pictures": write_real_pictures,
    "replicas": write_replicas,
    "robustness": write_robustness,
    "seeds": write_seeds,
    "sessions": write_sessions,
    "sizes": write_sizes,
    "speed": write_speed,
    "training_time": write_training_time,
    "uploads": write_uploads,
}
