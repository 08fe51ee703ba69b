import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from core.drawings import exchange
from core.drawings.drawing import Drawing
from core.drawings.exchange import Collection, export_drawings, import_drawings
from tests.core.drawings.conftest import describe, make_drawing
from tests.messages import assert_plain

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "drawings.schema.json"
ID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
IMAGE = f"images/{ID}.png"


def pack(files: list[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, contents in files:
            archive.writestr(name, contents)
    return buffer.getvalue()


def unpack(contents: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def encode(picture: Image.Image, file_format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format)
    return buffer.getvalue()


@pytest.fixture
def files() -> dict[str, bytes]:
    """The files of a good export of one drawing."""
    return unpack(export_drawings([make_drawing(id=ID)]))


def replace_json(files: dict[str, bytes], change: Callable[[dict], object]) -> bytes:
    """The export with something else in its JSON file."""
    document = json.loads(files["drawings.json"])
    change(document)
    return pack(list({**files, "drawings.json": json.dumps(document).encode()}.items()))


def test_an_export_holds_json_and_a_png_a_drawing(files):
    assert list(files) == ["drawings.json", IMAGE]
    document = json.loads(files["drawings.json"])
    assert document["version"] == 1
    assert document["drawings"][0]["image"] == IMAGE
    assert "anna" not in files["drawings.json"].decode()
    picture = Image.open(io.BytesIO(files[IMAGE]))
    assert np.array_equal(np.asarray(picture), make_drawing().image)


def test_the_schema_is_written_down_and_exports_keep_to_it(files):
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert schema == Collection.model_json_schema(), f"write it to {SCHEMA.name} again"
    jsonschema.Draft202012Validator(schema).validate(json.loads(files["drawings.json"]))


@pytest.mark.parametrize(
    "drawings", [[], [make_drawing(), make_drawing(label=1, strokes=None, predictions={})]]
)
def test_all_but_the_owner_comes_back(drawings):
    imported = import_drawings(export_drawings(drawings), "ben")
    expected = [{**describe(drawing), "owner": "ben"} for drawing in drawings]
    assert [describe(drawing) for drawing in imported] == expected


def test_importing_twice_adds_nothing_twice(store):
    exported = export_drawings([make_drawing(), make_drawing()])
    assert store.save(*import_drawings(exported, "anna")) == 2
    assert store.save(*import_drawings(exported, "anna")) == 0


def test_an_export_of_another_owner_is_imported_once_and_leaves_theirs_alone(store):
    hers = [make_drawing(), make_drawing()]
    store.save(*hers)
    exported = export_drawings(store.find("anna"))
    assert store.save(*import_drawings(exported, "ben")) == 2
    assert store.save(*import_drawings(exported, "ben")) == 0
    store.relabel("ben", hers[0].id, 0)
    assert {drawing.label for drawing in store.find("anna")} == {7}


@pytest.fixture
def drawings() -> list[Drawing]:
    return [make_drawing(), make_drawing(label=1), make_drawing(label=2)]


def repack(drawings: list[Drawing], rename: Callable[[str], str], *more: str) -> bytes:
    """An export with other names, and with files that another program has added."""
    exported = unpack(export_drawings(drawings))
    added = [(name, b"" if name.endswith("/") else b"x") for name in more]
    return pack([*((rename(name), contents) for name, contents in exported.items()), *added])


@pytest.mark.parametrize(
    ("folder", "more"),
    [
        ("", ["images/", "__MACOSX/._drawings.json", "__MACOSX/images/._1.png", ".DS_Store"]),
        ("drawings/", ["drawings/", "drawings/images/", "drawings/images/Thumbs.db"]),
        ("my drawings/of May/", ["my drawings/desktop.ini", "__MACOSX/my drawings/._of May"]),
    ],
)
def test_an_export_that_was_unpacked_and_packed_again_is_imported(drawings, folder, more):
    contents = repack(drawings, lambda name: folder + name, *more)
    imported = import_drawings(contents, "anna")
    assert list(map(describe, imported)) == list(map(describe, drawings))


@pytest.mark.parametrize("folder", ["../", "/", "a/../", "/a/", "a\\"])
def test_a_folder_around_all_that_is_no_plain_folder_is_refused(drawings, folder):
    with pytest.raises(ValueError, match=r"lacks the file 'drawings\.json'"):
        import_drawings(repack(drawings, lambda name: folder + name), "ben")


def test_a_second_export_in_a_folder_is_refused(drawings):
    both = {f"copy/{name}": each for name, each in unpack(export_drawings(drawings)).items()}
    with pytest.raises(ValueError, match=r"does not belong to it: 'copy/drawings\.json'"):
        import_drawings(pack([*unpack(export_drawings(drawings)).items(), *both.items()]), "ben")


def test_a_drawing_whose_record_was_taken_out_is_not_imported(drawings):
    files = unpack(export_drawings(drawings))
    contents = replace_json(files, lambda document: document["drawings"].pop(1))
    imported = import_drawings(contents, "anna")
    assert list(map(describe, imported)) == [describe(drawings[0]), describe(drawings[2])]


def test_a_json_file_that_an_editor_has_saved_with_a_byte_order_mark_is_imported(drawings):
    files = unpack(export_drawings(drawings))
    files["drawings.json"] = b"\xef\xbb\xbf" + files["drawings.json"]
    assert len(import_drawings(pack([*files.items()]), "anna")) == 3


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_an_image_that_an_editor_has_saved_in_colour_keeps_its_grey_levels(files, mode):
    image = make_drawing().image
    files[IMAGE] = encode(Image.fromarray(image).convert(mode))
    (imported,) = import_drawings(pack([*files.items()]), "ben")
    assert np.array_equal(imported.image, image)


def test_an_image_of_16_bits_keeps_its_grey_levels(files):
    image = make_drawing().image
    files[IMAGE] = encode(Image.fromarray(image.astype(np.uint16) * 257))
    (imported,) = import_drawings(pack([*files.items()]), "ben")
    assert np.array_equal(imported.image, image)


def test_transparent_pixels_are_paper(files):
    picture = Image.new("RGBA", (28, 28), (255, 255, 255, 0))
    picture.putpixel((3, 5), (255, 255, 255, 255))
    (imported,) = import_drawings(pack([*{**files, IMAGE: encode(picture)}.items()]), "ben")
    assert np.argwhere(imported.image).tolist() == [[5, 3]]


def change_drawing(**changes: object) -> Callable[[dict], object]:
    return lambda document: document["drawings"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document.update(version=2), "field version"),
        (lambda document: document.update(format="other"), "field format"),
        (lambda document: document.update(owner="anna"), "field owner"),
        (lambda document: document.pop("drawings"), "field drawings"),
        (
            lambda document: document["drawings"].append(document["drawings"][0]),
            "lists one drawing twice",
        ),
        (change_drawing(id="../../etc/passwd"), r"field drawings\.0\.id"),
        (change_drawing(id=ID.upper()), r"field drawings\.0\.id"),
        (change_drawing(id=make_drawing().id), "lacks the file 'images/"),
        (change_drawing(label=10), r"field drawings\.0\.label"),
        (change_drawing(label="7"), r"field drawings\.0\.label"),
        (change_drawing(label=True), r"field drawings\.0\.label"),
        (change_drawing(created_at="2026-05-01T12:00:00"), r"field drawings\.0\.created_at"),
        (change_drawing(created_at="2026-05-01T12:00:00+02:00"), "time must be in UTC"),
        (change_drawing(created_at="0001-01-01T00:00:00Z"), "time must be in UTC"),
        (change_drawing(frame_version=0), r"field drawings\.0\.frame_version"),
        (change_drawing(strokes=[]), r"field drawings\.0\.strokes"),
        (change_drawing(strokes=[[]]), r"field drawings\.0\.strokes"),
        (change_drawing(strokes=[[[1, 2, 3]]]), r"field drawings\.0\.strokes"),
        (change_drawing(strokes=[[[float("nan"), 2]]]), r"field drawings\.0\.strokes"),
        (change_drawing(strokes=[[[float("inf"), 2]]]), r"field drawings\.0\.strokes"),
        (change_drawing(image="/etc/passwd"), "names the image '/etc/passwd'"),
        (change_drawing(readings={"lenet5": {}}), r"field drawings\.0\.readings"),
        (
            change_drawing(
                readings={"a/b": {"probabilities": [0.1] * 10, "model_sha256": "a" * 64}}
            ),
            "model ids in lower_snake_case",
        ),
        (
            change_drawing(
                readings={"mlp": {"probabilities": [0.2] * 10, "model_sha256": "a" * 64}}
            ),
            "must add up to 1",
        ),
    ],
)
def test_json_that_breaks_the_schema_is_refused(files, change, message):
    with pytest.raises(ValueError, match=message):
        import_drawings(replace_json(files, change), "ben")


@pytest.mark.parametrize(
    "text", [b"", b"no JSON", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"drawings": [NaN]}']
)
def test_a_file_that_is_no_collection_is_refused(files, text):
    with pytest.raises(ValueError, match=r"^The file drawings\.json is not valid"):
        import_drawings(pack([("drawings.json", text), (IMAGE, files[IMAGE])]), "ben")


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"no picture",
        encode(Image.fromarray(make_drawing().image))[:-40],
        encode(Image.new("L", (28, 27))),
        encode(Image.new("L", (4000, 4000))),
        b"\0" * 10_001,
    ],
    ids=["empty", "text", "cut short", "27 rows", "large", "long"],
)
def test_another_image_is_refused(files, image):
    with pytest.raises(ValueError, match=r"not a picture|too many bytes|has to be 28×28 pixels"):
        import_drawings(pack(list({**files, IMAGE: image}.items())), "ben")


@pytest.mark.parametrize(
    "name", ["readme.txt", "../evil.png", "/etc/passwd", "images/", "images/../x.png", "C:\\x"]
)
def test_a_file_that_belongs_to_no_drawing_is_refused(files, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="has a file that does not belong to it"):
        import_drawings(pack([*files.items(), (name, b"x")]), "ben")
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["drawings.json", IMAGE])
def test_a_file_that_is_there_twice_is_refused(files, name):
    with pytest.raises(ValueError, match="has one of its files twice"):
        import_drawings(pack([*files.items(), (name, files[name])]), "ben")


@pytest.mark.parametrize(
    ("name", "message"),
    [("drawings.json", "lacks the file 'drawings.json'"), (IMAGE, f"lacks the file '{IMAGE}'")],
)
def test_a_missing_file_is_named(files, name, message):
    del files[name]
    with pytest.raises(ValueError, match=message):
        import_drawings(pack(list(files.items())), "ben")


def test_every_damaged_zip_is_refused_in_a_sentence(files, random):
    contents = pack(list(files.items()))
    for cut in range(0, len(contents), 40):
        with pytest.raises(ValueError, match="not a zip of drawings") as refusal:
            import_drawings(contents[:cut], "ben")
        assert_plain(str(refusal.value))
    for _ in range(500):
        damaged = bytearray(contents)
        damaged[random.integers(len(damaged))] ^= random.integers(1, 256)
        try:
            import_drawings(bytes(damaged), "ben")
        except ValueError as refusal:  # some damage is harmless
            assert_plain(str(refusal))


def test_other_compressions_are_refused(files):
    with pytest.raises(ValueError, match="is compressed by an unsupported method"):
        import_drawings(pack(list(files.items()), zipfile.ZIP_BZIP2), "ben")


def test_a_bomb_is_refused_before_it_is_unpacked(files, monkeypatch):
    zeros = {**files, "drawings.json": b" " * (exchange.MAX_JSON_BYTES + 1)}
    bomb = pack(list(zeros.items()))
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(ValueError, match=r"too many bytes in drawings\.json: 64,000,001"):
        import_drawings(bomb, "ben")


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_ARCHIVE_BYTES", 100, "bytes in the zip"),
        ("MAX_COMMAS", 10, "numbers in drawings.json"),
        ("MAX_JSON_BYTES", 100, "bytes in drawings.json"),
        ("MAX_IMAGE_BYTES", 10, f"bytes in {IMAGE}"),
        ("MAX_DRAWINGS", -5, "files in the zip"),
    ],
)
def test_limits_hold_for_imports(files, monkeypatch, limit, value, message):
    monkeypatch.setattr(exchange, limit, value)
    with pytest.raises(ValueError, match=f"^There are too many {message}: ") as refusal:
        import_drawings(pack(list(files.items())), "ben")
    assert str(refusal.value).endswith(f"The limit is {max(value, 0):,}.")


def test_too_many_drawings_are_refused_both_ways(files):
    with pytest.raises(
        ValueError, match=r"^There are too many drawings: 5,001\. The limit is 5,000\.$"
    ):
        export_drawings([make_drawing()] * 5001)
    with pytest.raises(ValueError, match="at most 5000 items"):
        import_drawings(
            replace_json(
                files, lambda document: document.update(drawings=document["drawings"] * 5001)
            ),
            "ben",
        )


def test_an_export_of_the_largest_size_can_be_imported():
    drawing = make_drawing(strokes=None, predictions={})
    drawings = [Drawing(**{**vars(drawing), "id": make_drawing().id}) for _ in range(5000)]
    assert len(import_drawings(export_drawings(drawings), "ben")) == 5000
