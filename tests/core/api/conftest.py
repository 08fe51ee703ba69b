"""A client of the API, and a drawing that every model reads."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from core.api.application import build_api
from core.api.settings import Settings
from core.digits.datasets import Dataset
from core.server.model_cache import warm_up


@pytest.fixture(scope="session")
def client() -> TestClient:
    """The API with its usual limits, but as many requests as tests send."""
    warm_up()
    api = build_api(Settings(max_requests_per_second=0))
    return TestClient(api, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def seven(bundled_digits: Dataset) -> Image.Image:
    """A seven that every model reads, dark on white, off centre."""
    index = int(np.flatnonzero(bundled_digits.labels == 7)[0])
    picture = Image.new("L", (320, 320), 255)
    digit = Image.fromarray(255 - bundled_digits.images[index])
    picture.paste(digit.resize((140, 140), Image.Resampling.LANCZOS), (20, 150))
    return picture


def encode(picture: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    """The bytes of an image file."""
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()
