"""The model cache: what is published is served at once, whole, by pages and API alike."""

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from core.api.application import build_api
from core.api.schemas import EXAMPLE_STROKES
from core.api.settings import Settings
from core.inference.classifier import Classifier
from core.models import publish as publishing
from core.models.files import LITERT_FILE, ModelReplacedError, load_card
from core.models.publish import publish
from core.server import model_cache
from core.server.model_cache import (
    CardCache,
    ClassifierCache,
    get_classifier,
    list_built_in_cards,
    list_cards,
    list_damages,
)
from tests.artifacts import (
    DAMAGES,
    ORIGINALS,
    copy_models,
    cut_card,
    flip_byte,
    publish_as,
    rewrite_card,
    stage,
)

STROKES = {"strokes": EXAMPLE_STROKES}


@pytest.fixture
def artifacts(tmp_path, monkeypatch) -> Path:
    return copy_models(tmp_path / "artifacts", monkeypatch, "mlp", "lenet5")


@pytest.fixture
def cold(monkeypatch) -> None:
    """A server that has just started."""
    monkeypatch.setattr(model_cache, "_cards", CardCache())
    monkeypatch.setattr(
        model_cache, "_classifiers", ClassifierCache(model_cache._load_warm, max_models=64)
    )


def check_is_whole(model_id: str) -> Classifier:
    """The model as it is served; its title, threshold and file are of one training."""
    card = list_built_in_cards()[model_id]
    classifier = get_classifier(card)
    assert classifier.digest == card.files[LITERT_FILE]
    assert (classifier.title, classifier.not_sure_below) in {
        (original.title, original.calibration.not_sure_below)
        for original in (load_card(one, ORIGINALS) for one in ("mlp", "numpy_dense"))
        if original.files[LITERT_FILE] == classifier.digest
    }
    return classifier


def test_a_model_trained_again_is_served_at_once(artifacts):
    client = TestClient(build_api(Settings(max_requests_per_second=0)))
    frame = np.zeros((28, 28), np.float32)
    before = get_classifier(list_cards(None)["mlp"])
    newer = publish_as("mlp", "numpy_dense", artifacts)
    after = get_classifier(list_cards(None)["mlp"])
    assert before.digest != after.digest == newer.files[LITERT_FILE]
    assert not np.array_equal(before.probabilities(frame[None]), after.probabilities(frame[None]))
    answer = client.post("/predict/strokes", params={"model": "mlp"}, json=STROKES).json()
    assert answer["results"][0]["predictions"][0]["model_sha256"] == after.digest
    assert client.get("/models/mlp").json()["description"] == newer.description
    publish_as("mlp", "mlp", artifacts)
    assert get_classifier(list_cards(None)["mlp"]).digest == before.digest


def test_a_new_model_and_a_removed_one_are_noticed_at_once(artifacts):
    assert list(list_built_in_cards()) == ["lenet5", "mlp"]
    publish_as("cnn", "numpy_dense", artifacts)
    assert list(list_built_in_cards()) == ["cnn", "lenet5", "mlp"]
    shutil.rmtree(artifacts / "mlp")
    assert list(list_built_in_cards()) == ["cnn", "lenet5"]


def test_a_card_that_changes_alone_changes_title_and_threshold_not_the_loaded_model(artifacts):
    before = get_classifier(list_built_in_cards()["mlp"])
    calibration = load_card("mlp", artifacts).calibration
    rewrite_card(
        "mlp",
        artifacts,
        title="Another title",
        calibration=vars(calibration) | {"not_sure_below": 0.99},
    )
    after = get_classifier(list_built_in_cards()["mlp"])
    assert (after.title, after.not_sure_below) == ("Another title", 0.99)
    assert after._network is before._network


@pytest.mark.usefixtures("artifacts")
def test_cards_that_did_not_change_are_not_read_again(monkeypatch):
    before = list_built_in_cards()
    monkeypatch.setattr(model_cache, "read_with_card", lambda *_: pytest.fail("it was read again"))
    assert all(card is before[model_id] for model_id, card in list_built_in_cards().items())


@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("step", ["replace", "rmtree"])
def test_nothing_half_published_is_served_at_any_step(artifacts, monkeypatch, request, state, step):
    if state == "cold":
        request.getfixturevalue("cold")
    old = list_built_in_cards()["mlp"]
    seen = [check_is_whole("mlp").digest] if state == "warm" else []
    module = os if step == "replace" else shutil
    act = getattr(module, step)

    def look_before_and_after(*places: object, **options: object) -> None:
        for do in (lambda: None, lambda: act(*places, **options)):
            do()
            if state == "cold":
                model_cache._cards = CardCache()
            seen.append(check_is_whole("mlp").digest)

    monkeypatch.setattr(module, step, look_before_and_after)
    new = publish_as("mlp", "numpy_dense", artifacts)
    digests = [old.files[LITERT_FILE], new.files[LITERT_FILE]]
    assert list(dict.fromkeys(seen)) in (digests, digests[1:])
    assert seen[-1] == digests[1]


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_publication_that_was_killed_leaves_a_complete_model_and_the_next_one_cleans_up(
    artifacts, monkeypatch, calls
):
    staging, card = stage("mlp", "numpy_dense", artifacts)
    left, replace_path = iter(range(calls)), os.replace

    def die(source: object, target: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        replace_path(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(publishing.os, "replace", die)
        if calls < 2:
            with pytest.raises(KeyboardInterrupt):
                publish(staging, card, artifacts)
        else:  # before the old one is removed
            patch.setattr(publishing.shutil, "rmtree", lambda *_, **__: None)
            publish(staging, card, artifacts)
    expected = card if calls == 2 else load_card("mlp", ORIGINALS)
    assert check_is_whole("mlp").digest == expected.files[LITERT_FILE]
    shutil.rmtree(staging, ignore_errors=True)
    newer = publish_as("mlp", "numpy_dense", artifacts)
    assert check_is_whole("mlp").digest == newer.files[LITERT_FILE]
    assert sorted(place.name for place in artifacts.iterdir()) == ["lenet5", "mlp"]


@pytest.mark.usefixtures("cold")
def test_while_models_are_published_repeatedly_every_served_model_is_complete(artifacts):
    stop, problems = threading.Event(), []

    def serve() -> None:
        while not stop.is_set():
            try:
                check_is_whole("mlp")
            except ModelReplacedError:  # said in a sentence, and gone at the next attempt
                continue
            except BaseException as error:
                problems.append(error)
                raise

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for round_number in range(20):
        publish_as("mlp", ("numpy_dense", "mlp")[round_number % 2], artifacts)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []


@pytest.mark.usefixtures("cold")
def test_a_card_whose_model_was_replaced_before_it_was_loaded_is_refused_in_a_sentence(artifacts):
    card = list_built_in_cards()["mlp"]
    publish_as("mlp", "numpy_dense", artifacts)
    with pytest.raises(ModelReplacedError, match=r"replaced by a new one\. Please try again"):
        get_classifier(card)
    assert check_is_whole("mlp").title == load_card("numpy_dense", ORIGINALS).title


def test_a_model_in_use_stays_what_it_was_until_its_page_is_run_again(artifacts):
    card = list_built_in_cards()["mlp"]
    old = get_classifier(card)
    publish_as("mlp", "numpy_dense", artifacts)
    assert get_classifier(card).digest == old.digest == card.files[LITERT_FILE]


class TestClassifierCache:
    def test_the_model_that_was_not_needed_for_longest_is_dropped(self):
        loaded = []

        def load(card: object) -> Classifier:
            loaded.append(card.id)
            return card.id

        cache = ClassifierCache(load, max_models=2)
        cards = {one: replace(load_card("mlp"), id=one) for one in "abc"}
        for name in "abacab":
            assert cache.get(cards[name]) == name
            assert len(cache) <= 2
        assert "".join(loaded) == "abcb"

    def test_many_threads_load_a_model_once(self):
        loaded, ready = [], threading.Barrier(8)

        def load(card: object) -> str:
            loaded.append(card.id)
            return card.id

        cache, card = ClassifierCache(load, max_models=2), load_card("mlp")

        def get() -> None:
            ready.wait()
            cache.get(card)

        threads = [threading.Thread(target=get) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert loaded == ["mlp"]

    def test_an_error_while_loading_is_not_kept(self):
        outcomes = iter([ValueError("damaged"), "sound"])

        def load(_: object) -> str:
            outcome = next(outcomes)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        cache, card = ClassifierCache(load, max_models=2), load_card("mlp")
        with pytest.raises(ValueError, match="damaged"):
            cache.get(card)
        assert cache.get(card) == "sound"


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize(("damage", "sentence"), DAMAGES)
def test_a_damaged_model_costs_itself_alone_and_health_names_it(
    artifacts, damage, sentence, caplog
):
    client = TestClient(build_api(Settings(max_requests_per_second=0)))
    damage("lenet5", artifacts)
    model_cache.warm_up()
    health = client.get("/health")
    assert health.status_code == 200
    assert health.json()["ready"]
    assert health.json()["models"] == 1
    (named,) = health.json()["damaged"]
    assert named["id"] == "lenet5"
    assert named["detail"].startswith(sentence)
    assert sentence in caplog.text
    assert [model["id"] for model in client.get("/models").json()] == ["mlp"]
    for query in ({}, {"model": "all"}, {"model": "mlp"}):
        answer = client.post("/predict/strokes", params=query, json=STROKES)
        assert answer.status_code == 200
        predictions = answer.json()["results"][0]["predictions"]
        assert [prediction["model"] for prediction in predictions] == ["mlp"]
    for refused in (
        client.get("/models/lenet5"),
        client.post("/predict/strokes", params={"model": "lenet5"}, json=STROKES),
    ):
        assert refused.status_code == 503
        assert refused.json()["detail"].startswith(sentence)


@pytest.mark.usefixtures("cold")
def test_a_mended_model_is_served_again(artifacts):
    flip_byte("lenet5", artifacts)
    assert list(list_built_in_cards()) == ["mlp"]
    flip_byte("lenet5", artifacts)
    assert list(list_built_in_cards()) == ["lenet5", "mlp"]
    assert not list_damages()


def test_a_card_without_the_figures_that_pages_show_is_damaged(artifacts):
    rewrite_card("lenet5", artifacts, metrics={})
    assert "lacks test_accuracy" in list_damages()["lenet5"]


def test_where_no_model_is_sound_the_api_says_why(artifacts):
    cut_card("lenet5", artifacts)
    cut_card("mlp", artifacts)
    client = TestClient(build_api(Settings(max_requests_per_second=0)))
    answer = client.post("/predict/strokes", json=STROKES)
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The card of lenet5 is damaged")


def test_folders_without_a_model_are_no_damaged_models(artifacts):
    (artifacts / "replications").mkdir()
    assert not list_damages()
