"""A model that a test may damage."""

import shutil

import pytest

from core.models.files import ARTIFACTS_DIRECTORY


@pytest.fixture
def shelf(tmp_path):
    """A folder with one model that a test may damage."""
    shutil.copytree(ARTIFACTS_DIRECTORY / "logistic_regression", tmp_path / "logistic_regression")
    return tmp_path
