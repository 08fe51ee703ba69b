"""The uploaded picture: read once, whatever comes of it."""

from hashlib import sha256
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core.digits.image_file import UnreadableImageError
from core.digits.ink import EmptyDrawingError
from pages.parts.draw import picture
from tests.pictures import draw_picture, encode

SEVEN, THREE = (draw_picture(digit, np.random.default_rng(4)) for digit in (7, 3))


class Upload(SimpleNamespace):
    """An uploaded file, as Streamlit gives it."""

    def getvalue(self) -> bytes:
        return self.contents


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A session of a visitor."""
    monkeypatch.setattr(picture.st, "session_state", {})


def read(file: Upload | None, source: str = "upload"):
    return picture.read_picture(source, file)


def test_a_picture_is_read_once_though_the_browser_sends_it_again_and_the_next_one_anew():
    given = read(Upload(file_id="1", name="7.png", contents=SEVEN))
    assert read(Upload(file_id="1", name="7.png", contents=SEVEN)) is given
    assert read(Upload(file_id="2", name="7.png", contents=SEVEN)) is given
    other = read(Upload(file_id="3", name="7.png", contents=THREE))
    assert other is not given
    assert other.sha256 == sha256(THREE).hexdigest()


def test_until_the_browser_sends_the_last_picture_again_the_session_has_it_unless_it_was_removed():
    given = read(Upload(file_id="1", name="7.png", contents=SEVEN))
    assert read(None) is given
    assert read(None, "photograph") is None
    picture.forget_picture()
    assert read(None) is None


@pytest.mark.parametrize(
    ("contents", "kind"),
    [
        (SEVEN[:200], UnreadableImageError),
        (encode(Image.new("L", (60, 60), 255)), EmptyDrawingError),
    ],
)
def test_a_refused_picture_is_read_once_and_refused_with_the_same_reason(
    contents, kind, monkeypatch
):
    upload = Upload(file_id="1", name="7.png", contents=contents)
    with pytest.raises(kind) as first:
        read(upload)
    monkeypatch.setattr(Upload, "getvalue", lambda _: pytest.fail("it is read again"))
    with pytest.raises(kind) as again:
        read(upload)
    assert str(again.value) == str(first.value)
