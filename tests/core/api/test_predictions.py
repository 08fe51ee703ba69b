"""The API reads what the pages read, and says no with a reason."""

import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.api.schemas import EXAMPLE_STROKES
from core.digits.frame import FRAME_VERSION, digest_frame, frame_from_image, frame_from_strokes
from core.inference.classifier import load_classifier
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids, load_card
from tests.core.api.conftest import encode
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
    assert results[0]["frame_sha256"] == digest_frame(frame_from_image(seven))
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
        ({"strokes": [[[1, 2, 3]]]}, 422, "body.strokes.0.0"),
        ({"strokes": [[["a", 2], [3, 4]]]}, 422, "valid number"),
        ({"strokes": [[[1, None], [3, 4]]]}, 422, "valid number"),
        ({"strokes": [[[1e300, 1], [3, 4]]]}, 422, "less than or equal to 1000000"),
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
