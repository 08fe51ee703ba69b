import numpy as np

from core.analysis.deletion import DeletionCurve, DeletionRanking
from core.figures.deletion import describe_deletion, draw_deletion

ERASED = np.array([0, 0.5, 1])


def make_curve(middle: float) -> DeletionCurve:
    return DeletionCurve(ERASED, np.array([1.0, middle, 0]))


RANKING = DeletionRanking({"Occlusion": make_curve(0.1)}, (make_curve(0.4), make_curve(0.8)))


def test_the_band_reaches_from_the_lowest_random_curve_to_the_highest():
    low, high, curve = draw_deletion(RANKING, digit=3).data
    assert (low.y[1], high.y[1], curve.y[1]) == (0.4, 0.8, 0.1)
    assert (curve.name, high.fill) == ("Occlusion", "tonexty")


def test_the_words_have_the_areas():
    words = describe_deletion(RANKING)
    assert words == "Areas: Occlusion 0.30, random orders 0.45 to 0.65."
