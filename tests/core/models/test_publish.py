"""Publishing of models and replications."""

import json
import shutil

import pytest

from core.models.card import Estimate, ModelCard, Replication
from core.models.files import (
    LITERT_FILE,
    DamagedArtifactError,
    ModelReplacedError,
    list_model_ids,
    load_card,
    load_replication,
)
from core.models.publish import publish, replace_metrics, save_replication


def test_publishing_replaces_a_model_completely(shelf):
    card = load_card("logistic_regression", shelf)
    staging = shelf / ".logistic_regression.training"
    shutil.copytree(shelf / "logistic_regression", staging)
    newer = ModelCard.from_json(json.dumps({**json.loads(card.to_json()), "title": "Newer"}))
    (shelf / "logistic_regression" / "stale").touch()
    assert publish(staging, newer, shelf) == shelf / "logistic_regression"
    assert load_card("logistic_regression", shelf).title == "Newer"
    assert sorted(path.name for path in shelf.iterdir()) == ["logistic_regression"]
    assert not (shelf / "logistic_regression" / "stale").exists()


def test_a_replication_survives_a_round_trip(tmp_path):
    assert load_replication("lenet5", tmp_path) is None
    kept = Replication("lenet5", {"epochs": 30}, Estimate(0.98, 0.97, 0.99), 12, 60.0)
    assert save_replication(kept, tmp_path).exists()
    assert load_replication("lenet5", tmp_path) == kept
    assert list_model_ids(tmp_path) == []


def test_a_damaged_replication_is_refused(tmp_path):
    kept = Replication("lenet5", {}, Estimate(0.98, 0.97, 0.99), 12, 60.0)
    save_replication(kept, tmp_path).write_text('{"model_id": "lenet5"}', "utf-8")
    with pytest.raises(DamagedArtifactError, match=r"lenet5\.json in replications is damaged"):
        load_replication("lenet5", tmp_path)


def test_metrics_measured_later_replace_older_ones_of_their_prefix_on_the_card(shelf):
    before = load_card("logistic_regression", shelf)
    digest, half = before.files[LITERT_FILE], Estimate(0.5, 0.25, 0.75)
    for metrics in ({"later_a": half, "later_b": half}, {"later_b": half}):
        replace_metrics("logistic_regression", digest, "later_", metrics, shelf)
    after = load_card("logistic_regression", shelf)
    assert after.metrics == {**before.metrics, "later_b": half}


def test_metrics_of_a_model_that_was_replaced_are_refused(shelf):
    before = load_card("logistic_regression", shelf)
    with pytest.raises(ModelReplacedError, match="measure it again"):
        replace_metrics("logistic_regression", "0" * 64, "later_", {}, shelf)
    assert load_card("logistic_regression", shelf) == before
