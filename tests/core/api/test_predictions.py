"""The API reads what the pages read, and says no with a reason."""

import json
import struct
import time
import zlib
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from anyio import CapacityLimiter
from PIL import Image
from starlette.testclient import TestClient

from core.api import inputs
from core.api.application import build_api
from core.api.schemas import EXAMPLE_STROKES
from core.api.settings import Settings
from core.digits.found_digits import DigitRows, FoundDigit
from core.digits.frame import FRAME_VERSION, digest_frame, frame_from_strokes
from core.inference.classifier import load_classifier
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids, load_card
from tests.core.api.conftest import encode
from tests.found import find_frame
from tests.messages import assert_plain

STROKES = {"strokes": EXAMPLE_STROKES}


def send(client, *contents: bytes, name: str = "digit.png", **query: object):
    files = [("files", (name, one)) for one in contents]
    return client.post("/predict", params=query, files=files)


def sent_digits(response) -> list[list[int]]:
    assert response.status_code == 200, response.text
    return [
        [one["digit"] for one in result["predictions"]] for result in response.json()["results"]
    ]


def reason(response, status: int) -> str:
    """The detail of a problem, after its form was checked (RFC 9457)."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert response.status_code == body["status"] == status, body
    assert {"type", "title", "detail"} <= set(body)
    assert_plain(body["detail"])
    return body["detail"]


@pytest.mark.parametrize("model_id", list_model_ids())
def test_strokes_give_the_probabilities_of_the_classifier(client, model_id):
    answer = client.post("/predict/strokes", params={"model": model_id}, json=STROKES).json()
    frame = frame_from_strokes([np.array(stroke) for stroke in EXAMPLE_STROKES])
    expected = load_classifier(model_id).predict(frame)
    (result,) = answer["results"]
    (said,) = result["predictions"]
    assert result["file"] is None
    assert result["frame_sha256"] == digest_frame(frame)
    assert result["frame_version"] == FRAME_VERSION
    assert np.allclose(said["probabilities"], expected.probabilities, rtol=0, atol=1e-9)
    assert said["digit"] == expected.digit == 4
    assert said["not_sure"] == expected.not_sure
    assert said["model_sha256"] == load_card(model_id).files["model.tflite"]


def test_several_pictures_come_back_in_order_with_their_names(client, seven):
    upside_down = encode(seven.rotate(180))
    files = [("files", ("a.png", encode(seven))), ("files", ("ü☃\u202e.png", upside_down))]
    results = client.post("/predict", files=files).json()["results"]
    assert [one["file"] for one in results] == ["a.png", "ü☃\u202e.png"]
    assert results[0]["frame_sha256"] == digest_frame(find_frame(seven))
    assert results[0]["frame_sha256"] != results[1]["frame_sha256"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, list(DEFAULT_MODEL_IDS)),
        ("all", list_model_ids()),
        (["mlp", "cnn"], ["mlp", "cnn"]),
        (["mlp", "mlp"], ["mlp"]),
        (["mlp", "all"], list_model_ids()),
    ],
)
def test_a_request_may_name_one_model_several_or_all(client, named, expected):
    answer = client.post("/predict/strokes", params={"model": named} if named else {}, json=STROKES)
    predictions = answer.json()["results"][0]["predictions"]
    assert [one["model"] for one in predictions] == expected


def test_the_most_probable_digits_come_first_as_many_as_requested(client):
    answer = client.post("/predict/strokes", params={"top": 5}, json=STROKES).json()
    for said in answer["results"][0]["predictions"]:
        best = np.argsort(said["probabilities"])[::-1][:5]
        assert [one["digit"] for one in said["top"]] == best.tolist()
        assert said["top"][0]["digit"] == said["digit"]


def test_the_frame_is_included_on_request(client):
    assert client.post("/predict/strokes", json=STROKES).json()["results"][0]["frame"] is None
    answer = client.post("/predict/strokes", params={"frame": True}, json=STROKES).json()
    frame = np.array(answer["results"][0]["frame"], np.float32)
    assert np.array_equal(frame, frame_from_strokes(EXAMPLE_STROKES))


def in_palette(picture: Image.Image) -> bytes:
    return encode(picture.convert("RGB").quantize(4))


def with_alpha(picture: Image.Image) -> bytes:
    ink = Image.fromarray(255 - np.asarray(picture))
    return encode(Image.merge("RGBA", [Image.new("L", picture.size)] * 3 + [ink]))


def in_16_bits(picture: Image.Image) -> bytes:
    return encode(Image.fromarray(np.asarray(picture).astype(np.uint16) * 257))


def turned_by_its_exif(picture: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    return encode(picture.rotate(90, expand=True), "JPEG", exif=exif, quality=95)


def animated(picture: Image.Image) -> bytes:
    blank = Image.new("L", picture.size, 255)
    return encode(picture, "GIF", save_all=True, append_images=[blank, blank])


@pytest.mark.parametrize(
    "write",
    [
        encode,
        in_palette,
        with_alpha,
        in_16_bits,
        turned_by_its_exif,
        animated,
        lambda picture: encode(picture.convert("CMYK"), "JPEG", quality=95),
        lambda picture: encode(picture.convert("CMYK"), "TIFF"),
        lambda picture: encode(picture.convert("1")),
        lambda picture: encode(picture.convert("LA")),
        lambda picture: encode(picture.convert("F"), "TIFF"),
        lambda picture: encode(picture.convert("I"), "TIFF"),
        lambda picture: encode(picture, "WEBP"),
        lambda picture: encode(picture, "BMP"),
    ],
    ids=[
        "grey", "palette", "alpha", "16 bits", "EXIF", "animated", "CMYK JPEG", "CMYK TIFF",
        "1 bit", "grey and alpha", "float TIFF", "32-bit TIFF", "WebP", "BMP",
    ],
)  # fmt: skip
def test_unusual_formats_of_pictures_are_classified(client, seven, write):
    assert sent_digits(send(client, write(seven), model="all")) == [[7] * len(list_model_ids())]


def claim_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WHITE = encode(Image.new("L", (100, 100), 255))


@pytest.mark.parametrize(
    ("contents", "status", "sentence"),
    [
        (b"Dear model, what is this?", 415, "This file is not a picture in a supported format."),
        (SVG, 415, "not a picture in a supported format"),
        (b"\x80\x04\x95K\x00\x00\x00", 415, "not a picture in a supported format"),
        (b"", 422, "This file is empty."),
        (WHITE[: len(WHITE) // 2], 422, "incomplete or damaged"),
        (claim_size(0, 0), 415, "not a picture in a supported format"),
        (claim_size(20_000, 20_000), 413, "more than 40 megapixels"),
        (claim_size(2**31 - 1, 2**31 - 1), 413, "more than 40 megapixels"),
        (claim_size(6000, 6000), 422, "incomplete or damaged"),
        (WHITE, 422, "There is no ink in this picture."),
        (encode(Image.new("RGBA", (100, 100))), 422, "completely transparent"),
        (encode(Image.new("L", (1, 1))), 422, "There is no ink in this picture."),
    ],
    ids=[
        "text",
        "SVG",
        "pickle",
        "empty",
        "truncated",
        "0×0",
        "20,000×20,000",
        "bomb",
        "fewer pixels than claimed",
        "blank",
        "transparent",
        "one pixel",
    ],
)
def test_a_bad_picture_is_refused_with_a_reason(client, seven, contents, status, sentence):
    response = send(client, contents, name="bad.png")
    assert sentence in reason(response, status)
    assert response.json()["file"] == "bad.png"
    among_others = client.post(
        "/predict", files=[("files", ("a.png", encode(seven))), ("files", ("b.png", contents))]
    )
    assert among_others.json()["file"] == "b.png"


POINTS = [[i % 280, i // 280] for i in range(4001)]


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"strokes": []}, 422, "at least 1 item"),
        ({"strokes": [[]]}, 422, "The drawing is empty."),
        ({"strokes": [[[5, 5]]]}, 422, "The drawing is too small."),
        ({"strokes": [[[1, 2, 3]]]}, 422, "The drawing is too small."),
        ({"strokes": [[[1, 2], [3]]]}, 422, "Send each stroke as a list of points: [[x, y], "),
        ({"strokes": [[1, 2]]}, 422, "body.strokes.0.0"),
        ({"strokes": [[[80, 240, 240], [70, 70, 270]]]}, 422, "Send points without times"),
        ({"strokes": [[["a", 2], [3, 4]]]}, 422, "valid number"),
        ({"strokes": [[[1, None], [3, 4]]]}, 422, "valid number"),
        ({"strokes": [[[1e300, 1], [3, 4]]]}, 422, "x and y must be from -1,000,000 to 1,000,000"),
        ({"strokes": [POINTS]}, 413, "4,000 points"),
        ({"strokes": [[[1, 1], [9, 9]]] * 101}, 413, "at most 100 strokes"),
        ({}, 422, "body.strokes: Field required"),
        ([], 422, "The documentation at /docs describes all requests."),
        ("null", 422, "The documentation at /docs describes all requests."),
        ('{"strokes": [[[NaN, 1], [2, 3]]]}', 422, "finite number"),
        ('{"strokes": [[[Infinity, 1], [2, 3]]]}', 422, "finite number"),
        ('{"strokes": [[[1e999, 1], [2, 3]]]}', 422, "finite number"),
        ("{", 422, "JSON decode error"),
        ("[" * 50_000, 400, "parsing the body"),
        ('{"strokes": [[[1' + "0" * 5000 + ", 1]]]}", 400, "parsing the body"),
        ("\ud800".encode("utf-8", "surrogatepass"), 422, "JSON decode error"),
    ],
)
def test_bad_strokes_are_refused_with_a_reason(client, body, status, sentence):
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    response = client.post(
        "/predict/strokes", content=content, headers={"content-type": "application/json"}
    )
    assert sentence in reason(response, status)
    assert len(response.content) < 10_000


@pytest.mark.parametrize("name", ["lenet6", "", "../../etc/passwd", "LeNet-5", "x" * 5000, "\0"])
def test_an_unknown_model_is_refused_with_the_choices(client, name):
    response = client.post("/predict/strokes", params={"model": name}, json=STROKES)
    assert "lenet5" in reason(response, 422)
    assert len(response.content) < 1000


@pytest.mark.parametrize("query", [{"top": 0}, {"top": 11}, {"top": "x"}, {"frame": "perhaps"}])
def test_a_bad_query_is_refused(client, query):
    assert next(iter(query)) in reason(
        client.post("/predict/strokes", params=query, json=STROKES), 422
    )


def test_text_in_place_of_files_is_refused(client):
    assert "files" in reason(client.post("/predict", data={"files": "text"}), 422)
    assert "files" in reason(client.post("/predict"), 422)


def test_more_files_than_allowed_are_refused(client, seven):
    picture = encode(seven)
    assert len(sent_digits(send(client, *[picture] * 32))) == 32
    assert "at most 32 files" in reason(send(client, *[picture] * 33), 413)


def with_times(stroke: list[list[float]]) -> list[list[float]]:
    return [[*point, 1_700_000_000_000 + 16 * index] for index, point in enumerate(stroke)]


@pytest.mark.parametrize(
    "write",
    [
        with_times,
        lambda stroke: np.array(stroke).T.tolist(),
        lambda stroke: np.array(with_times(stroke)).T.tolist(),
        lambda stroke: (np.array(stroke) / 280).tolist(),
    ],
    ids=["times", "columns", "columns with times", "shares"],
)
def test_other_forms_of_strokes_give_the_same_digit(client, write):
    other = {"strokes": [write(stroke) for stroke in EXAMPLE_STROKES]}
    assert sent_digits(client.post("/predict/strokes", json=other)) == [[4, 4, 4]]


def test_a_result_has_the_text_and_all_digits_in_reading_order(client, seven, monkeypatch):
    four = frame_from_strokes([np.array(stroke) for stroke in EXAMPLE_STROKES])
    frames = {"7": find_frame(seven), "4": four}
    boxes = [(9.0, 8.0, 30.0, 40.0), (32.5, 9.0, 50.0, 41.0), (10.0, 60.0, 31.0, 90.0)]
    first, second, third = (
        FoundDigit(box, frames[character]) for box, character in zip(boxes, "474", strict=True)
    )
    monkeypatch.setattr(inputs, "find_in_file", lambda _: ((first, second), (third,)))
    answer = send(client, encode(seven), model="all", frame=True)
    (result,) = answer.json()["results"]
    digits = result["digits"]
    assert result["text"] == "47\n4"
    assert [digit["character"] for digit in digits] == ["4", "7", "4"]
    assert [digit["row"] for digit in digits] == [0, 0, 1]
    assert [tuple(digit["box"]) for digit in digits] == boxes
    for digit in digits:
        frame = frames[digit["character"]]
        assert digit["frame_sha256"] == digest_frame(frame)
        assert np.array_equal(np.array(digit["frame"], np.float32), frame)
        assert {one["digit"] for one in digit["predictions"]} == {int(digit["character"])}
    for name in ("predictions", "frame_sha256", "frame"):
        assert result[name] == digits[0][name]


def test_what_is_no_digit_is_a_question_mark_in_the_text(client, seven, monkeypatch):
    blank = FoundDigit((0, 0, 9, 9), np.full((28, 28), 0.4, np.float32))
    monkeypatch.setattr(inputs, "find_in_file", lambda _: ((blank,),))
    result = send(client, encode(seven), model=["lenet5", "cnn"]).json()["results"][0]
    assert result["text"] == result["digits"][0]["character"] == "?"


def test_a_request_with_many_pictures_does_not_keep_one_with_a_single_picture_waiting(
    seven, monkeypatch
):
    api = build_api(Settings(max_requests_per_second=0))
    client = TestClient(api)
    digit = FoundDigit((0, 0, 9, 9), find_frame(seven))
    found = []

    def find(contents: bytes) -> DigitRows:
        found.append(contents)
        if len(found) == 1:
            other = threads.submit(send, client, b"single")
            while not workers.statistics().tasks_waiting:
                time.sleep(0.001)
            others.append(other)
        return ((digit,),)

    others: list[Future] = []
    monkeypatch.setattr(inputs, "find_in_file", find)
    with client, ThreadPoolExecutor(1) as threads:
        workers = api.state.workers = CapacityLimiter(1)
        assert send(client, *[b"one of many"] * 8).status_code == 200
        assert others[0].result(20).status_code == 200
    assert found.index(b"single") < 5


def test_more_digits_than_allowed_are_refused(client, seven, monkeypatch):
    digit = FoundDigit((0, 0, 9, 9), find_frame(seven))
    monkeypatch.setattr(inputs, "find_in_file", lambda _: ((digit,) * 600,))
    assert send(client, encode(seven), model="logistic_regression").status_code == 200
    sentence = reason(send(client, encode(seven), encode(seven)), 413)
    assert "1,200 digits, but at most 1,000 are allowed" in sentence
    assert "DIGITLAB_API_MAX_DIGITS" in sentence


def test_with_partial_a_bad_picture_has_its_problem_and_the_others_their_results(client, seven):
    good, text, blank = encode(seven), b"no picture", encode(Image.new("L", (50, 50), 255))
    answer = send(client, good, text, blank, good, partial="true")
    assert answer.status_code == 200
    first, second, third, last = answer.json()["results"]
    assert first["text"] == last["text"] == "7"
    assert "problem" not in first
    for entry, contents, status in ((second, text, 415), (third, blank, 422)):
        alone = send(client, contents)
        assert entry == {"file": "digit.png", "problem": entry["problem"]}
        refused = {key: value for key, value in entry["problem"].items() if value is not None}
        assert refused == alone.json()
        assert alone.status_code == status


def test_with_partial_no_picture_has_to_be_good(client):
    answer = send(client, b"no picture", b"", partial="true")
    assert answer.status_code == 200
    assert [one["problem"]["status"] for one in answer.json()["results"]] == [415, 422]


def test_without_partial_one_bad_picture_refuses_all(client, seven):
    reason(send(client, encode(seven), b"no picture"), 415)
