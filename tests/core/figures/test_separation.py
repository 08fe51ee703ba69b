from core.figures.separation import describe_separation, draw_separation
from core.models.card import Estimate

AREAS = {"Loops": (Estimate(0.9, 0.8, 0.95), None), "Slant": (None, Estimate(0.5, 0.4, 0.6))}
COMPARISONS = ("classes", "errors")


def test_each_comparison_has_its_markers_where_there_is_an_estimate():
    classes, errors = draw_separation(AREAS, COMPARISONS).data
    assert (list(classes.x), list(errors.x)) == ([0.9], [0.5])
    assert round(classes.y[0]) == 0
    assert round(errors.y[0]) == 1
    assert classes.error_x.array[0] == 0.95 - 0.9


def test_the_words_have_the_same_numbers():
    assert describe_separation(AREAS, COMPARISONS) == "Loops: classes 0.90. Slant: errors 0.50."
