"""Simulated sessions speak as a browser does: the real page takes what they draw."""

from tests.benchmarks import bench_sessions
from tests.benchmarks.bench_sessions import Stroke, visit, visit_together, write_strokes
from tests.benchmarks.simulated_session import run_apart


def test_the_server_has_every_stroke_of_two_visitors_as_it_was_sent(server):
    written = [write_strokes(3, seed=seed) for seed in (1, 2)]
    visits = run_apart(visit_together(server.address, written))
    for one in visits:
        assert one.errors == []
        assert one.lost == 0
        assert len(one.waits) == 3
        assert all(wait < 30 for wait in one.waits)


def test_another_drawing_than_the_one_that_was_sent_is_an_error(server, monkeypatch):
    monkeypatch.setattr(bench_sessions, "PATIENCE", 3.0)
    first, second = (write_strokes(1, seed=seed)[0] for seed in (1, 2))
    one = run_apart(visit(server.address, [Stroke(first.state, second.drawing)]))
    assert "expected the drawing of a stroke that waits, got another" in one.errors
    assert one.lost == 1
