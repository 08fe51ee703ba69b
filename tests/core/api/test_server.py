"""What the API tells of models and of itself, and what it does not let in."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest
from starlette.testclient import TestClient

from core.api import settings as settings_module
from core.api.application import build_api
from core.api.schemas import EXAMPLE_STROKES
from core.api.settings import Settings, read_settings
from core.inference import classifier
from core.models.card import ModelCard
from core.models.files import list_model_ids, load_card
from tests.core.api.conftest import encode
from tests.messages import assert_plain
from tests.servers import Server

STROKES = {"strokes": EXAMPLE_STROKES}
FIRST_BYTES = (
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="large.png"\r\n'
    b"Content-Type: image/png\r\n\r\n"
)


def test_all_models_are_listed_with_their_figures(client):
    listed = {one["id"]: one for one in client.get("/models").json()}
    assert sorted(listed) == sorted(list_model_ids())
    for model_id, summary in listed.items():
        card = load_card(model_id)
        assert summary["parameters"] == card.parameter_count
        assert summary["test_accuracy"] == card.metrics["test_accuracy"].value
        assert summary["test_set"] == "mnist_test"
    assert {one for one in listed if listed[one]["default"]} == {
        "lenet5", "logistic_regression", "mlp",
    }  # fmt: skip


@pytest.mark.parametrize("model_id", list_model_ids())
def test_a_card_is_returned_completely(client, model_id):
    card = load_card(model_id)
    given = client.get(f"/models/{model_id}").json()
    assert given["files"] == card.files
    assert given["test_confusion"] == [list(row) for row in card.test_confusion]
    assert given["recipe"] == card.recipe


@pytest.mark.parametrize("name", ["lenet6", "..%2F..%2Fetc%2Fpasswd", "%00", "x" * 3000])
def test_there_is_no_card_of_an_unknown_model(client, name):
    answer = client.get(f"/models/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 1000
    assert_plain(answer.json()["detail"])


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing", 404), ("DELETE", "/models", 405), ("GET", "/predict", 405),
])  # fmt: skip
def test_unknown_paths_and_methods_are_problems_too(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == answer.json()["status"] == status
    assert_plain(answer.json()["detail"])
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_server_is_ready_only_when_every_model_is_loaded(monkeypatch):
    from core.api import models
    from core.server import model_cache

    hold, load = threading.Event(), classifier.load_classifier

    def load_late(model_id: str, *, card: ModelCard) -> classifier.Classifier:
        hold.wait(20)
        return load(model_id, card=card)

    model_cache._classifiers.clear()
    monkeypatch.setattr(model_cache, "_warm", threading.Event())
    monkeypatch.setattr(model_cache, "load_classifier", load_late)
    with TestClient(build_api(Settings())) as client:
        waiting = client.get("/health")
        assert (waiting.status_code, waiting.json()["ready"]) == (503, False)
        hold.set()
        models.start_warm_up()
        model_cache.warm_up()
        ready = client.get("/health")
        assert ready.status_code == 200
        assert ready.json() == {"ready": True, "models": len(list_model_ids()), "damaged": []}


def read_metric(text: str, name: str) -> float:
    lines = [line for line in text.splitlines() if line.startswith(name)]
    return float(lines[0].rsplit(" ", 1)[1]) if lines else 0.0


def test_requests_are_counted_by_route_and_status(client):
    served = 'digitlab_requests_total{method="POST",route="/predict/strokes",status="200"}'
    refused = 'digitlab_requests_total{method="POST",route="/predict/strokes",status="422"}'
    timed = 'digitlab_request_seconds_count{method="POST",route="/predict/strokes"}'
    before = client.get("/metrics").text
    for _ in range(3):
        client.post("/predict/strokes", json=STROKES)
    client.post("/predict/strokes", json={})
    after = client.get("/metrics")
    assert after.headers["content-type"].startswith("text/plain")
    grown = [read_metric(after.text, one) - read_metric(before, one)
             for one in (served, refused, timed)]  # fmt: skip
    assert grown == [3, 1, 4]


def test_made_up_paths_and_methods_add_no_labels_to_the_metrics(client):
    client.get("/made/up/by/a/stranger")
    client.request("BREW", "/models")
    text = client.get("/metrics").text
    assert "stranger" not in text
    assert "BREW" not in text


def test_an_error_of_the_server_is_a_problem_without_details_and_is_counted(client, monkeypatch):
    from core.api import predictions

    def fail(_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(predictions, "choose_classifiers", fail)
    name = 'digitlab_errors_total{method="POST",route="/predict/strokes"}'
    before = read_metric(client.get("/metrics").text, name)
    answer = client.post("/predict/strokes", json=STROKES)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in answer.text
    assert read_metric(client.get("/metrics").text, name) == before + 1


# A body just above the limit is read to its end: a connection closed before is reset, and a proxy
# then takes the server for dead instead of passing the refusal on.
@pytest.mark.parametrize(
    ("megabytes", "announced", "chunks"),
    [(50, True, 0), (50, False, 8), (5, True, 5), (5, False, 5)],
)
def test_a_large_upload_is_refused_while_it_arrives(megabytes, announced, chunks):
    api = build_api(Settings(max_body_bytes=3_000_000))
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    headers += [(b"content-length", str(megabytes * 10**6).encode())] if announced else []
    scope = {
        "type": "http", "method": "POST", "path": "/predict", "query_string": b"",
        "headers": headers, "client": ("192.0.2.1", 1), "app": api,
    }  # fmt: skip
    taken, sent = 0, []

    async def receive() -> dict[str, object]:
        nonlocal taken
        taken += 1
        body = (FIRST_BYTES if taken == 1 else b"").ljust(10**6, b"0")
        return {"type": "http.request", "body": body, "more_body": taken < megabytes}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    # In a thread of its own: the browser's tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, api(scope, receive, send)).result()
    assert taken == chunks
    assert [one["type"] for one in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 413
    assert "larger than 3,000,000 bytes" in json.loads(sent[1]["body"])["detail"]


def test_too_many_requests_per_second_are_refused():
    client = TestClient(build_api(Settings(max_requests_per_second=5)))
    answers = [client.get("/models") for _ in range(40)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "1"
    assert "Only 5 requests per second" in refused[0].json()["detail"]


def test_limits_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("DIGITLAB_API_MAX_FILES", "2")
    assert read_settings() == Settings(max_files=2)


@pytest.mark.parametrize(("text", "sentence"), [("many", "whole number"), ("0", "1 or more")])
def test_an_invalid_limit_is_refused(monkeypatch, text, sentence):
    monkeypatch.setenv(settings_module.name_variable("max_files"), text)
    with pytest.raises(ValueError, match=f"DIGITLAB_API_MAX_FILES.*{sentence}"):
        read_settings()


def test_the_documentation_needs_no_other_host_and_its_example_works(client):
    page = client.get("/docs").text
    assert "https://" not in page
    description = client.get("/openapi.json").json()
    strokes = description["components"]["schemas"]["Drawing"]["properties"]["strokes"]
    (example,) = strokes["examples"]
    answer = client.post("/predict/strokes", json={"strokes": example})
    assert answer.json()["results"][0]["predictions"][0]["digit"] == 4
    refusals = description["paths"]["/predict"]["post"]["responses"]
    assert "application/problem+json" in refusals["422"]["content"]
    assert json.dumps(description).count("HTTPValidationError") == 0


def test_the_app_serves_the_api_below_api_and_names_its_documentation():
    import streamlit_app

    client = TestClient(streamlit_app.app)
    listed = [summary["id"] for summary in client.get("/api/models").json()]
    assert listed == list_model_ids()
    assert client.post("/api/predict/strokes", json=STROKES).status_code == 200
    missing = client.get("/api/nothing")
    assert missing.headers["content-type"] == "application/problem+json"
    assert "The documentation at /api/docs describes" in missing.json()["detail"]
    assert client.get("/api/docs").status_code == 200


def test_every_response_has_the_security_headers(client):
    for path in ("/models", "/nothing", "/docs"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert "object-src 'none'" in headers["content-security-policy"]


def test_only_a_space_may_be_shown_in_a_frame_by_hugging_face(monkeypatch):
    def read_rule(headers) -> str:
        return headers["content-security-policy"].partition("frame-ancestors ")[2]

    assert read_rule(TestClient(build_api(Settings())).get("/models").headers) == "'self'"
    monkeypatch.setenv("SPACE_ID", "anna/digitlab")
    headers = TestClient(build_api(Settings())).get("/models").headers
    assert read_rule(headers) == "'self' https://huggingface.co"
    assert "x-frame-options" not in headers


@pytest.mark.parametrize("path", ["/health", "/docs", "/models", "/models/lenet5", "/openapi.json"])
def test_head_is_answered_as_get_without_a_body(client, path):
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code == 200
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.content == b""


def test_a_slash_at_the_end_of_a_path_makes_no_difference(client, seven):
    for path in ("/models", "/models/lenet5", "/docs", "/health"):
        slashed = client.get(f"{path}/", follow_redirects=False)
        assert slashed.content == client.get(path).content
    files = [("files", ("seven.png", encode(seven)))]
    assert client.post("/predict/", files=files, follow_redirects=False).status_code == 200
    assert client.post("/predict/strokes/", json=STROKES).status_code == 200
    assert client.get("/nothing/").status_code == 404


@pytest.mark.parametrize("path", ["/api", "/api/"])
def test_the_path_of_the_api_leads_to_its_documentation(path):
    import streamlit_app

    client = TestClient(streamlit_app.app, base_url="http://lab.example")
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 307
    # Neither a scheme nor a prefix, which a proxy may have changed.
    assert not answer.headers["location"].startswith(("http", "/"))
    assert client.get(path).url == "http://lab.example/api/docs"
    assert client.head(path).status_code == 200


def test_the_api_is_below_the_prefix_of_the_pages_too():
    server = Server(STREAMLIT_SERVER_BASE_URL_PATH="lab", health="/lab/_stcore/health")
    try:
        for prefix in ("", "/lab"):
            with urlopen(f"{server.address}{prefix}/api/models") as answer:
                assert [one["id"] for one in json.load(answer)] == list_model_ids()
            with urlopen(f"{server.address}{prefix}/api") as answer:
                assert answer.url == f"{server.address}{prefix}/api/docs"
                assert f"'{prefix}/api/openapi.json'" in answer.read().decode()
                assert answer.headers["Set-Cookie"] is None
    finally:
        server.stop()


def ask_from(client: TestClient, origin: str) -> dict[str, str]:
    answer = client.get("/models", headers={"Origin": origin})
    assert answer.status_code == 200
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization,content-type"}  # fmt: skip
    preflight = client.options("/predict/strokes", headers=asked)
    allowed = {**answer.headers, **preflight.headers}
    return {key: allowed[key] for key in allowed if key.startswith("access-control-")}


def test_no_other_site_may_use_the_api_by_default(client):
    assert ask_from(client, "https://school.example") == {}


@pytest.mark.parametrize("origins", ["*", "https://a.example, https://school.example"])
def test_the_sites_that_the_environment_names_may_use_the_api_without_cookies(monkeypatch, origins):
    monkeypatch.setenv("DIGITLAB_API_ORIGINS", origins)
    client = TestClient(build_api(Settings()))
    headers = ask_from(client, "https://school.example")
    assert headers["access-control-allow-origin"] in {"*", "https://school.example"}
    assert "Authorization" in headers["access-control-allow-headers"]
    assert "POST" in headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in headers
    if origins != "*":
        other = ask_from(client, "https://other.example")
        assert "access-control-allow-origin" not in other


@pytest.mark.parametrize("origins", ["school.example", "https://school.example/page", "ftp://a.b"])
def test_what_is_no_origin_is_refused(monkeypatch, origins):
    monkeypatch.setenv("DIGITLAB_API_ORIGINS", origins)
    with pytest.raises(ValueError, match="DIGITLAB_API_ORIGINS must have origins"):
        build_api(Settings())
