"""The camera, where browsers allow it."""

import pytest
import streamlit as st

from pages.parts.draw.camera import allows_camera
from tests.pages.conftest import open_page


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://digits.example/", True),
        ("http://localhost:8501/", True),
        ("http://lab.localhost/", True),
        ("http://127.0.0.1:8501/?source=Camera", True),
        ("http://[::1]:8501/", True),
        (None, True),
        ("http://digits.example/", False),
        ("http://192.168.1.7:8501/", False),
        ("http://localhost.example/", False),
    ],
)
def test_browsers_allow_the_camera_over_https_and_on_the_own_machine(url, allowed):
    assert allows_camera(url) == allowed


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_without_https_says_that_the_camera_needs_it(monkeypatch, scheme):
    monkeypatch.setattr(type(st.context), "url", f"{scheme}://digits.example/")
    app = open_page("draw.py", source="Camera")
    assert not app.exception
    hints = [info.value for info in app.info if "HTTPS" in info.value]
    assert bool(hints) == (scheme == "http")
    assert bool(app.get("camera_input")) == (scheme == "https")
