"""Networks and digits for browsers: who gets them, and for how long browsers keep them."""

import shutil

import pytest

from core.inference import detector
from core.inference.browser_file import digest_browser_file, list_constants, write_browser_file
from core.inference.detector import DETECTOR_FILE, SETTINGS_FILE
from core.models.files import ARTIFACTS_DIRECTORY, LITERT_FILE, RUNS_VARIABLE, load_card, read_file
from core.server.visitors import COOKIE
from tests.core.runs.conftest import finish_run, make_run
from tests.messages import assert_plain

PATHS = ["/models/lenet5/browser", "/detector/browser", "/digits/browser"]
OWNER = "anna_" * 6


def test_a_model_is_sent_with_the_thresholds_of_its_card(client):
    answer = client.get("/models/lenet5/browser")
    card = load_card("lenet5")
    model = read_file("lenet5", LITERT_FILE)
    assert answer.content == write_browser_file(model, list_constants(card))
    assert answer.headers["content-type"] == "application/octet-stream"
    digest = digest_browser_file(card.files[LITERT_FILE], list_constants(card))
    assert answer.headers["etag"] == f'"{digest}"'


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_keeps_a_file_for_good_under_its_digest_and_otherwise_asks_again(client, path):
    answer = client.get(path)
    assert answer.headers["cache-control"] == "no-cache"
    digest = answer.headers["etag"].strip('"')
    kept = client.get(path, params={"digest": digest})
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.content == answer.content
    other = client.get(path, params={"digest": "0" * 64})
    assert other.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_that_has_the_file_is_not_sent_it_again(client, path):
    tag = client.get(path).headers["etag"]
    same = client.get(path, headers={"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("name", ["lenet6", "%00", "run_000000000000"])
def test_there_is_no_network_of_an_unknown_model(client, name):
    answer = client.get(f"/models/{name}/browser")
    assert answer.status_code == 404
    assert_plain(answer.json()["detail"])


@pytest.mark.parametrize("owner", [OWNER, "berta", None])
def test_a_run_is_sent_to_its_owner_alone_and_kept_by_no_cache_of_others(
    client, monkeypatch, tmp_path, owner
):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    run = finish_run(make_run(owner=OWNER))
    headers = {"Cookie": f"{COOKIE}={owner}"} if owner else {}
    answer = client.get(f"/models/{run.id}/browser", headers=headers)
    if owner != OWNER:
        assert answer.status_code == 404
        return
    digest = answer.headers["etag"].strip('"')
    kept = client.get(f"/models/{run.id}/browser", params={"digest": digest}, headers=headers)
    assert kept.headers["cache-control"].startswith("private")
    assert kept.content == answer.content


def test_the_digits_are_compressed_for_browsers_that_ask_for_it(client):
    plain, compressed = (
        client.get("/digits/browser", headers={"Accept-Encoding": encoding})
        for encoding in ("identity", "gzip, br")
    )
    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) < len(plain.content) / 3
    assert compressed.content == plain.content


def test_without_a_detector_its_network_is_not_found(client, monkeypatch, tmp_path):
    shutil.copy(ARTIFACTS_DIRECTORY / SETTINGS_FILE, tmp_path)
    (tmp_path / DETECTOR_FILE).write_bytes(b"something else")
    monkeypatch.setattr(detector, "ARTIFACTS_DIRECTORY", tmp_path)
    answer = client.get("/detector/browser")
    assert answer.status_code == 404
    assert_plain(answer.json()["detail"])


def test_a_network_that_browsers_cannot_compute_is_not_found(client, monkeypatch):
    from core.inference import browser_network

    monkeypatch.setattr(browser_network, "NORMALISATION_SHA256", "of other steps")
    answer = client.get("/models/logistic_regression/browser")
    assert answer.status_code == 404
    assert_plain(answer.json()["detail"])
    assert client.get("/models/lenet5/browser").status_code == 200
