import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.models.files import ROBUSTNESS_FILE, SEALED_FILES, list_model_ids, load_card
from core.runs.finished import cards_by_id, list_finished
from core.runs.run import Run, save_run
from core.runs.store import delete_run, restore_run, update_run
from core.synthesis.corruptions import CORRUPTIONS
from tests.core.runs.conftest import MODEL_ID, damage, finish_run, make_run

NOW, HOUR = datetime.now(UTC), timedelta(hours=1)
BUILT_IN = {one: load_card(one) for one in list_model_ids()}


def test_a_run_is_finished_when_it_has_a_card(tmp_path):
    waiting, done = make_run(owner="anna"), make_run(owner="anna")
    save_run(waiting, tmp_path)
    finish_run(done, tmp_path)
    (found,) = list_finished("anna", tmp_path)
    assert (found.run, found.card.id, found.damage) == (done, done.id, "")


def test_nobody_sees_the_runs_of_another_owner(tmp_path):
    theirs, everybodys = make_run(owner="ben"), make_run()
    for run in (theirs, everybodys):
        finish_run(run, tmp_path)
    assert [one.run for one in list_finished("anna", tmp_path)] == [everybodys]
    assert [one.run for one in list_finished(None, tmp_path)] == [everybodys]
    assert {one.run.id for one in list_finished("ben", tmp_path)} == {theirs.id, everybodys.id}


@pytest.mark.parametrize("name", ["card.json", *SEALED_FILES])
def test_a_damaged_run_is_listed_as_damaged_until_it_is_restored(tmp_path, name):
    sound, cut = finish_run(make_run(), tmp_path), finish_run(make_run(), tmp_path)
    assert all(one.card for one in list_finished(None, tmp_path))
    damage(cut, name, tmp_path)
    found = {one.run.id: one for one in list_finished(None, tmp_path)}
    assert found[sound.id].card
    assert found[cut.id].card is None
    assert "expected" in found[cut.id].damage or "damaged" in found[cut.id].damage
    assert sound.id in cards_by_id(found.values(), BUILT_IN)
    assert cut.id not in cards_by_id(found.values(), BUILT_IN)
    finish_run(cut, tmp_path)
    assert all(one.card for one in list_finished(None, tmp_path))


def test_a_missing_file_or_figures_of_another_model_are_damage_too(tmp_path):
    lacking, strange = finish_run(make_run(), tmp_path), finish_run(make_run(), tmp_path)
    (tmp_path / lacking.id / "history.csv").unlink()
    shutil.copy(f"artifacts/lenet5/{ROBUSTNESS_FILE}", tmp_path / strange.id)
    found = {one.run.id: one.damage for one in list_finished(None, tmp_path)}
    assert "history.csv" in found[lacking.id]
    assert "belongs to another training" in found[strange.id]


def test_a_run_that_was_measured_before_a_corruption_was_added_is_sound(tmp_path, monkeypatch):
    run = finish_run(make_run(), tmp_path)
    shutil.copy(f"artifacts/{MODEL_ID}/{ROBUSTNESS_FILE}", tmp_path / run.id)
    monkeypatch.setitem(CORRUPTIONS, "melt", replace(CORRUPTIONS["rotate"], id="melt"))
    (found,) = list_finished(None, tmp_path)
    assert found.card
    assert not found.damage


def test_runs_come_after_the_built_in_models_the_oldest_first_with_their_names(tmp_path):
    old = make_run(name="Old", created_at=NOW - timedelta(days=1), description="The first")
    new = make_run(name="New", created_at=NOW)
    for run in (new, old):
        finish_run(run, tmp_path)
    cards = cards_by_id(list_finished(None, tmp_path), BUILT_IN)
    assert list(cards) == [*BUILT_IN, old.id, new.id]
    assert [cards[old.id].title, cards[new.id].title] == ["Old", "New"]
    assert cards[old.id].description == "The first"
    assert cards[new.id].description == BUILT_IN["logistic_regression"].description


def test_only_the_newer_of_two_models_with_one_title_has_a_part_of_its_id_in_the_title(tmp_path):
    """The address of the older one was its title before the newer one was there."""
    old, built_in, new = (
        make_run(name=name, created_at=NOW + timedelta(hours=hours))
        for hours, name in ((0, "Mine"), (1, "LeNet-5"), (2, "Mine"))
    )
    for run in (new, built_in, old):
        finish_run(run, tmp_path)
    cards = cards_by_id(list_finished(None, tmp_path), BUILT_IN)
    assert [cards[run.id].title for run in (old, built_in, new)] == [
        "Mine",
        f"LeNet-5 · {built_in.id[-4:]}",
        f"Mine · {new.id[-4:]}",
    ]
    assert cards["lenet5"].title == "LeNet-5"


def test_a_run_that_was_renamed_or_restored_leaves_the_title_to_the_one_that_has_it(tmp_path):
    old, restored, new = (
        finish_run(make_run(name=name, owner="anna", created_at=NOW + hours * HOUR), tmp_path)
        for hours, name in ((-3, "Old"), (-2, "Mine"), (-1, "Mine"))
    )

    def list_titles(*runs: Run) -> list[str]:
        cards = cards_by_id(list_finished("anna", tmp_path), BUILT_IN)
        return [cards[run.id].title for run in runs]

    assert list_titles(restored, new) == ["Mine", f"Mine · {new.id[-4:]}"]
    delete_run("anna", restored.id, tmp_path)
    assert list_titles(old, new) == ["Old", "Mine"]
    restore_run("anna", restored.id, tmp_path)
    update_run("anna", new.id, name="Mine", description="The last", directory=tmp_path)
    update_run("anna", old.id, name="Mine", description="", directory=tmp_path)
    marked = [f"Mine · {run.id[-4:]}" for run in (old, restored)]
    assert list_titles(old, restored, new) == [*marked, "Mine"]
    cards = cards_by_id(list_finished("anna", tmp_path), BUILT_IN)
    assert list(cards) == [*BUILT_IN, old.id, restored.id, new.id]


def test_a_run_does_not_have_the_title_of_what_pages_offer_beside_models(tmp_path):
    """A student may well call the run without a teacher so."""
    run = make_run(name="No teacher")
    finish_run(run, tmp_path)
    cards = cards_by_id(list_finished(None, tmp_path), BUILT_IN)
    assert cards[run.id].title == f"No teacher · {run.id[-4:]}"


def test_no_two_models_have_one_title_even_if_a_run_is_named_as_another_is_marked(tmp_path):
    old, new = make_run(name="Mine"), make_run(name="Mine")
    named = make_run(name=f"Mine · {new.id[-4:]}")
    times = zip((old, named, new), (2 * HOUR, HOUR, 0 * HOUR), strict=True)
    for run, age in times:
        finish_run(replace(run, created_at=NOW - age), tmp_path)
    cards = cards_by_id(list_finished(None, tmp_path), BUILT_IN)
    assert [cards[run.id].title for run in (old, named)] == [old.name, named.name]
    assert len({card.title for card in cards.values()}) == len(cards)
