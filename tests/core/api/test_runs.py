"""Runs through the API: whose cookie is sent decides which there are."""

import shutil
from dataclasses import replace

import pytest

from core.api.schemas import EXAMPLE_STROKES
from core.models.files import (
    LITERT_FILE,
    ROBUSTNESS_FILE,
    RUNS_VARIABLE,
    list_model_ids,
    load_card,
    runs_directory,
)
from core.runs.access_keys import create_key, list_keys, revoke_key
from core.runs.run import new_run_id
from core.runs.store import delete_run
from core.server.visitors import COOKIE
from core.synthesis.corruptions import CORRUPTIONS
from tests.core.runs.conftest import MODEL_ID, damage, finish_run, make_run
from tests.messages import assert_plain

STROKES = {"strokes": EXAMPLE_STROKES}
OWNER = "anna_" * 6


@pytest.fixture(autouse=True)
def directory_of_runs(monkeypatch, tmp_path):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))


def name_owner(owner: str | None) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={owner}"} if owner else {}


@pytest.mark.parametrize("owner", [OWNER, "berta", None, "no owner's name"])
def test_a_run_is_listed_only_for_its_owner(client, owner):
    run = finish_run(make_run(owner=OWNER, name="Hers"))
    headers = name_owner(owner)
    listed = {one["id"]: one["title"] for one in client.get("/models", headers=headers).json()}
    card = client.get(f"/models/{run.id}", headers=headers)
    said = client.post("/predict/strokes", json=STROKES, params={"model": run.id}, headers=headers)
    every = client.post("/predict/strokes", json=STROKES, params={"model": "all"}, headers=headers)
    if owner == OWNER:
        assert listed[run.id] == card.json()["title"] == "Hers"
        prediction = said.json()["results"][0]["predictions"][0]
        assert (prediction["model"], prediction["title"]) == (run.id, "Hers")
        assert prediction["model_sha256"] == load_card(run.id).files[LITERT_FILE]
        assert len(every.json()["results"][0]["predictions"]) == len(list_model_ids()) + 1
        return
    unknown = new_run_id()
    assert sorted(listed) == list_model_ids()
    assert len(every.json()["results"][0]["predictions"]) == len(list_model_ids())
    for answer, path in ((card, f"/models/{unknown}"), (said, "/predict/strokes")):
        query = {"model": unknown}
        same = (
            client.get(path, headers=headers)
            if path != "/predict/strokes"
            else client.post(path, json=STROKES, params=query, headers=headers)
        )
        assert answer.status_code == same.status_code == (404 if answer is card else 422)
        # Nobody can find out whether there is such a run.
        assert answer.text.replace(run.id, unknown) == same.text
        assert answer.text.count(run.id) == 1


def test_runs_without_an_owner_are_available_to_everybody(client):
    run = finish_run(make_run())
    assert client.get(f"/models/{run.id}").status_code == 200
    answer = client.post("/predict/strokes", json=STROKES, params={"model": run.id})
    assert answer.json()["results"][0]["predictions"][0]["model"] == run.id


def test_a_run_is_served_although_a_corruption_was_added_since_it_was_measured(client, monkeypatch):
    run = finish_run(make_run())
    shutil.copy(f"artifacts/{MODEL_ID}/{ROBUSTNESS_FILE}", runs_directory() / run.id)
    monkeypatch.setitem(CORRUPTIONS, "melt", replace(CORRUPTIONS["rotate"], id="melt"))
    for model_id in ("lenet5", run.id):
        assert client.get(f"/models/{model_id}").status_code == 200
        answer = client.post("/predict/strokes", json=STROKES, params={"model": model_id})
        assert answer.status_code == 200


def test_a_run_predicts_as_the_model_it_was_made_from(client):
    run = finish_run(make_run())
    query = {"model": [run.id, "logistic_regression"]}
    answer = client.post("/predict/strokes", json=STROKES, params=query)
    first, second = answer.json()["results"][0]["predictions"]
    assert first["probabilities"] == pytest.approx(second["probabilities"], abs=1e-6)


def test_a_deleted_or_damaged_run_is_unknown_although_it_was_loaded(client):
    deleted, damaged = (finish_run(make_run(owner=OWNER)) for _ in range(2))
    headers = name_owner(OWNER)
    query = {"model": [deleted.id, damaged.id]}
    first = client.post("/predict/strokes", json=STROKES, params=query, headers=headers)
    assert first.status_code == 200
    delete_run(OWNER, deleted.id)
    damage(damaged, LITERT_FILE)
    for run in (deleted, damaged):
        query = {"model": run.id}
        answer = client.post("/predict/strokes", json=STROKES, params=query, headers=headers)
        assert answer.status_code == 422
        assert client.get(f"/models/{run.id}", headers=headers).status_code == 404
    assert client.get("/models", headers=headers).status_code == 200


def test_a_run_that_was_trained_further_is_another_model(client, monkeypatch):
    run = finish_run(make_run())
    said = []
    for model_id in ("logistic_regression", "mlp"):
        monkeypatch.setattr("tests.core.runs.conftest.MODEL_ID", model_id)
        finish_run(run)
        query = {"model": [run.id, model_id]}
        answer = client.post("/predict/strokes", json=STROKES, params=query)
        first, second = answer.json()["results"][0]["predictions"]
        assert first["model_sha256"] == second["model_sha256"]
        said.append(first["probabilities"])
    assert said[0] != said[1]


def test_a_new_name_is_returned_at_once(client):
    from core.runs.store import update_run

    run = finish_run(make_run(owner=OWNER, name="Old"))
    for name in ("Old", "New"):
        update_run(OWNER, run.id, name=name, description="")
        answer = client.post(
            "/predict/strokes", json=STROKES, params={"model": run.id}, headers=name_owner(OWNER)
        )
        assert answer.json()["results"][0]["predictions"][0]["title"] == name


def send_key(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def ask_run(client, run_id: str, headers: dict[str, str]):
    query = {"model": run_id}
    return client.post("/predict/strokes", json=STROKES, params=query, headers=headers)


def test_a_run_is_used_with_a_key_of_its_owner_until_the_key_is_revoked(client):
    run = finish_run(make_run(owner=OWNER))
    key, other = create_key(OWNER, "My script"), create_key("berta", "Hers")
    assert ask_run(client, run.id, send_key(key)).status_code == 200
    assert client.get(f"/models/{run.id}", headers=send_key(key)).status_code == 200
    assert run.id in {one["id"] for one in client.get("/models", headers=send_key(key)).json()}
    for headers in ({}, send_key(other), name_owner("berta")):
        refused = ask_run(client, run.id, headers)
        assert refused.status_code == 422
        assert "send an access key" in refused.json()["detail"]
    (kept,) = list_keys(OWNER)
    revoke_key(OWNER, kept.digest)
    for answer in (
        ask_run(client, run.id, send_key(key)),
        client.get(f"/models/{run.id}", headers=send_key(key)),
        client.get("/models", headers={**send_key(key), **name_owner(OWNER)}),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "was revoked" in answer.json()["detail"]
        assert_plain(answer.json()["detail"])


def test_a_token_for_a_proxy_is_ignored(client):
    run = finish_run(make_run(owner=OWNER))
    headers = {"Authorization": "Bearer something-else", **name_owner(OWNER)}
    assert ask_run(client, run.id, headers).status_code == 200
    assert client.get("/models", headers={"Authorization": "Basic eDp5"}).status_code == 200
