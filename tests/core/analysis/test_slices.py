import numpy as np
import pytest

from core.analysis.slices import Range, Slice, parse_slice

LABELS = np.array([7, 7, 7, 1], np.uint8)
MEASURES = {
    "thickness": np.array([2.0, 3.0, 4.0, 1.0], np.float32),
    "slant": np.array([-12.0, 5.0, -9.0, -30.0], np.float32),
    "loops": np.array([0, 1, 0, 0], np.float32),
    "ends": np.array([3, 2, 3, 2], np.float32),
}


@pytest.mark.parametrize(
    ("text", "members", "name"),
    [
        ("7 thickness<2.5 slant<-8", [0], "Sevens that are thin and lean to the left"),
        ("7 thickness>3.5", [2], "Sevens that are thick"),
        ("7 thickness<3.5", [0, 1], "Sevens that are not thick"),
        # All of it lies below the median of 3.
        ("7 thickness>1.5 thickness<2.5", [0], "Sevens that are thin"),
        ("7 thickness>2.5 thickness<3.5", [1], "Sevens that are neither thin nor thick"),
        # A limit of 6 degrees leaves out only the digits that lean far to the right.
        ("slant<6", [0, 1, 2, 3], "Digits that do not lean far to the right"),
        ("slant>0", [1], "Digits that lean to the right"),
        ("loops<0.5", [0, 2, 3], "Digits that have no loop"),
        ("loops>0.5", [1], "Digits that have loops"),
        ("ends>2.5", [0, 2], "Digits that have 3 ends or more"),
        ("ends<2.5", [1, 3], "Digits that have at most 2 ends"),
        ("ends>1.5 ends<2.5", [1, 3], "Digits that have 2 ends"),
        (
            "7 thickness<3.5 slant<-8 loops<0.5",
            [0],
            "Sevens that are not thick, lean to the left and have no loop",
        ),
        # There is no eight whose median could tell what is thin.
        ("8 thickness<2.5", [], "Eights that are thin"),
    ],
)
def test_a_slice_has_the_digits_and_the_name_of_its_text(text, members, name):
    slice_ = parse_slice(text)
    assert np.flatnonzero(slice_.select(LABELS, MEASURES)).tolist() == members
    assert slice_.name(LABELS, MEASURES) == name
    assert str(slice_) == text
    assert parse_slice(str(slice_)) == slice_


def test_the_limits_are_told_with_their_units():
    slice_ = Slice(None, (Range("thickness", 1.25, 2.31), Range("slant", high=-8.25)))
    assert slice_.describe_limits() == (
        "thickness above 1.25 px, thickness below 2.31 px, slant below −8°"
    )


@pytest.mark.parametrize(
    "text", ["", "7", "thickness", "beauty>3", "7 8 slant<3", "slant<x", "10 slant<3", "٧ slant<3"]
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="expected"):
        parse_slice(text)
