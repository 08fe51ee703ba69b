"""The uploaded picture: read once, whatever comes of it."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core.digits.image_file import UnreadableImageError
from core.digits.ink import EmptyDrawingError
from pages.parts.draw import picture
from tests.pictures import draw_picture, encode

SEVEN = draw_picture(7, np.random.default_rng(4))


class Upload(SimpleNamespace):
    """An uploaded file, as Streamlit gives it."""

    def getvalue(self) -> bytes:
        return self.contents


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A session of a visitor."""
    monkeypatch.setattr(picture.st, "session_state", {})


def test_a_picture_is_read_once_and_the_next_one_anew():
    first = Upload(file_id="1", name="7.png", contents=SEVEN)
    given = picture.read_picture(first)
    assert picture.read_picture(first) is given
    assert picture.read_picture(Upload(file_id="2", name="7.png", contents=SEVEN)) is not given


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
        picture.read_picture(upload)
    monkeypatch.setattr(Upload, "getvalue", lambda _: pytest.fail("it is read again"))
    with pytest.raises(kind) as again:
        picture.read_picture(upload)
    assert str(again.value) == str(first.value)
