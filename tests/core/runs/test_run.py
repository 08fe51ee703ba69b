from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.runs.run import (
    UnknownRunError,
    list_runs,
    load_run,
    new_run_id,
    save_run,
)
from tests.core.runs.conftest import make_run


def test_a_run_survives_a_round_trip(tmp_path):
    run = make_run(owner="somebody", description="with slashed zeros: 0̸")
    save_run(run, tmp_path)
    assert load_run(run.id, tmp_path) == run


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../../etc"},
        {"id": "lenet5"},
        {"name": " "},
        {"name": "n" * 61},
        {"description": "d" * 501},
        {"created_at": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_invalid_run_is_refused(changes):
    with pytest.raises(ValueError, match=r"expected|must have"):
        make_run(**changes)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("\u202egnirts\u202c", "gnirts"),
        ("\u2066a\u2069 b", "a b"),
        ("a\nb\x00\x1b", "a b"),
        ("שלום é 0̸ 👩\u200d🔬", "שלום é 0̸ 👩\u200d🔬"),
    ],
)
def test_a_name_does_not_turn_or_break_the_text_around_it(name, kept):
    assert make_run(name=name).name == kept


@pytest.mark.parametrize("run_id", ["../secret", "run_000000000000", ""])
def test_a_missing_run_is_unknown(run_id, tmp_path):
    (tmp_path.parent / "secret").mkdir(exist_ok=True)
    with pytest.raises(UnknownRunError):
        load_run(run_id, tmp_path)


def test_an_owner_sees_their_own_runs_and_everybodys_newest_first(tmp_path):
    now = datetime.now(UTC)
    mine = make_run(owner="me", created_at=now)
    everybodys = make_run(created_at=now - timedelta(hours=1))
    theirs = make_run(owner="them", created_at=now + timedelta(hours=1))
    for run in (everybodys, mine, theirs):
        save_run(run, tmp_path)
    (tmp_path / "run_0123456789ab").mkdir()
    (tmp_path / "run_0123456789ab" / "run.json").write_text("{}")
    assert list_runs("me", tmp_path) == [mine, everybodys]


def test_a_file_that_changes_is_read_again(tmp_path):
    run = make_run()
    save_run(run, tmp_path)
    assert load_run(run.id, tmp_path).name == "My model"
    save_run(replace(run, name="Another"), tmp_path)
    assert load_run(run.id, tmp_path).name == "Another"


def test_the_file_of_another_run_is_refused(tmp_path):
    run, other = make_run(), new_run_id()
    save_run(run, tmp_path).rename(tmp_path / other)
    with pytest.raises(ValueError, match="belongs to another run"):
        load_run(other, tmp_path)
    assert list_runs(directory=tmp_path) == []
