"""Simulated sessions speak as a browser does: the real page answers what they draw."""

from tests.benchmarks import bench_sessions
from tests.benchmarks.bench_sessions import Stroke, visit, visit_together, write_strokes
from tests.benchmarks.simulated_session import run_apart


def test_every_stroke_of_two_visitors_is_answered_with_its_own_reading(server):
    written = [write_strokes(3, seed=seed) for seed in (1, 2)]
    visits = run_apart(visit_together(server.address, written))
    for one in visits:
        assert one.errors == []
        assert one.lost == 0
        assert len(one.waits) == 3
        assert all(wait < 30 for wait in one.waits)


def test_an_answer_that_belongs_to_another_drawing_is_an_error(server, monkeypatch):
    monkeypatch.setattr(bench_sessions, "PATIENCE", 3.0)
    first, second = (write_strokes(1, seed=seed)[0] for seed in (1, 2))
    one = run_apart(visit(server.address, [Stroke(first.state, second.reading)]))
    assert "expected the reading of a stroke that waits, got another" in one.errors
    assert one.lost == 1
