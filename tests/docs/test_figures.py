"""The figures of the documentation are read from reports as benchmarks write them."""

import pytest

from tests.benchmarks.bench_sessions import Memory, Outcome, Visit, write_report
from tests.docs import figures
from tests.docs.reports import NOT_MEASURED, parse_tables, read_number


def make_outcome(*, visitors: int, answers: int, pages: int | None) -> Outcome:
    """Visitors of each of whom the server takes so many strokes within ten seconds."""
    visits = [
        Visit(waits=[0.5] * answers, first_sent=0.0, last_answered=10.0) for _ in range(visitors)
    ]
    return Outcome(visits, Memory(200_000_000, 250_000_000, 210_000_000, pages=pages), 5.0)


@pytest.fixture
def sessions(monkeypatch):
    """The tables of a report of sessions with 20 and 100 visitors."""
    outcomes = {
        20: make_outcome(visitors=20, answers=10, pages=360_000_000),
        100: make_outcome(visitors=100, answers=4, pages=None),
    }
    tables = parse_tables(write_report(outcomes))
    monkeypatch.setattr(figures, "read_tables", lambda _: tables)
    return tables


def test_replicas_follow_from_the_rate_of_answers_under_the_highest_load(sessions):
    (table,) = sessions
    assert table.get_number("Strokes taken a second", "100 visitors") == 40
    text = figures.write_replicas()
    assert "took 40 strokes a second" in text
    (replicas,) = parse_tables(text)
    assert [row[0] for row in replicas.rows] == ["20", "100", "500"]
    assert [row[1] for row in replicas.rows] == ["1", "3", "13"]


def test_what_the_benchmark_left_out_is_not_measured_yet(sessions):
    (table,) = sessions
    row = "Server memory after each opened every page, MB"
    assert table.get_number(row, "20 visitors") == 360
    assert table.get_cell(row, "100 visitors") == NOT_MEASURED
    assert table.get_number(row, "100 visitors") is None
    assert NOT_MEASURED in figures.write_sessions()


def test_without_a_rate_nothing_is_said_of_replicas(monkeypatch):
    table = f"| Load | 100 visitors |\n|---|---|\n| Strokes taken a second | {NOT_MEASURED} |\n"
    monkeypatch.setattr(figures, "read_tables", lambda _: parse_tables(table))
    assert NOT_MEASURED in figures.write_replicas()


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("6,000", 6000),
        ("0.72 s", 0.72),
        ("99.7% (98.1% to 99.9%)", 99.7),
        ("+33.0", 33),
        ("-0.1", -0.1),
    ],
)
def test_the_first_number_of_a_cell_is_read(cell, number):
    assert read_number(cell) == number


def test_a_cell_without_a_number_is_an_error():
    with pytest.raises(ValueError, match="expected a number"):
        read_number("fast")


def test_a_row_or_column_that_is_missing_is_an_error(sessions):
    with pytest.raises(KeyError, match="expected a row"):
        sessions[0].get_cell("Strokes sent", "50 visitors")


def test_where_no_model_has_several_seeds_there_is_a_sentence_in_place_of_a_table(monkeypatch):
    cards = {
        model_id: card | {"seed_runs": card["seed_runs"][:1]}
        for model_id, card in figures.load_cards().items()
    }
    monkeypatch.setattr(figures, "load_cards", lambda: cards)
    assert parse_tables(figures.write_seeds()) == ()
    assert "one seed" in figures.write_seeds()


def test_only_results_that_were_reproduced_are_compared(monkeypatch):
    reproduced = {"lenet5": figures.load_replications()["lenet5"]}
    monkeypatch.setattr(figures, "load_replications", lambda: reproduced)
    (table,) = parse_tables(figures.write_published())
    assert [row[0] for row in table.rows] == ["LeNet-5"]


def test_a_card_without_figures_of_real_pictures_is_not_measured_yet(monkeypatch):
    with_figure, without = (dict(card) for card in [*figures.load_cards().values()][:2])
    names = [name for name in with_figure["metrics"] if not name.startswith("real_pictures_")]
    plain = {name: with_figure["metrics"][name] for name in names}
    estimate = {"value": 0.875, "low": 0.75, "high": 0.9375}
    with_figure["metrics"] = {**plain, "real_pictures_accuracy": estimate}
    without["metrics"] = plain
    cards = {"one": with_figure, "two": without}
    monkeypatch.setattr(figures, "load_cards", lambda: cards)
    (table,) = parse_tables(figures.write_datasets())
    assert [row[-1] for row in table.rows] == ["87.50 % (75.00 to 93.75 %)", NOT_MEASURED]


def test_a_corruption_that_no_model_has_is_not_measured_yet(monkeypatch):
    counts = {
        model_id: {
            **measured,
            "right": {k: v for k, v in measured["right"].items() if k != "rotate"},
        }
        for model_id, measured in figures.load_robustness().items()
    }
    monkeypatch.setattr(figures, "load_robustness", lambda: counts)
    (table,) = parse_tables(figures.write_robustness())
    assert table.get_cell("Rotation", "LeNet-5") == NOT_MEASURED
