"""The address of the API, as the pages name it."""

import pytest
import streamlit as st

from pages.widgets.api_address import find_api


@pytest.mark.parametrize(("url", "base_path", "expected"), [
    ("http://localhost:8501/", "", "http://localhost:8501/api"),
    ("http://localhost:8501/runs", "", "http://localhost:8501/api"),
    ("https://a.example/lab/", "lab", "https://a.example/lab/api"),
    ("https://a.example/lab", "/lab/", "https://a.example/lab/api"),
    ("https://a.example/lab/runs", "lab", "https://a.example/lab/api"),
    # A prefix that only a proxy knows.
    ("https://a.example/lab/runs", "", "https://a.example/lab/api"),
    (None, "", "/api"),
])  # fmt: skip
def test_the_api_is_below_the_prefix_of_the_pages(monkeypatch, url, base_path, expected):
    monkeypatch.setattr(type(st.context), "url", url)
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base_path}.get)
    assert find_api() == expected
