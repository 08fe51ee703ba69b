import numpy as np
import pytest

from core.analysis.digit_map import T_SNE, DigitMap
from core.analysis.evaluation import Evaluation
from core.analysis.selection import Area
from core.figures.map import (
    COLOURINGS,
    CONFIDENCE,
    CORRECT,
    FEW,
    MIN_LABELLED,
    PREDICTED,
    TRUE,
    add_drawings,
    describe_map,
    draw_map,
    highlight_digits,
    zoom_in,
)
from core.figures.style import DIGIT_COLOURS

COUNT = 200


@pytest.fixture
def digit_map(random) -> DigitMap:
    return DigitMap(T_SNE, random.uniform(-1, 1, (COUNT, 2)).astype(np.float32))


@pytest.fixture
def evaluation(random) -> Evaluation:
    """About half of the digits are misclassified."""
    labels = random.integers(0, 10, COUNT).astype(np.uint8)
    probabilities = random.dirichlet(np.ones(10), COUNT).astype(np.float32)
    right = random.random(COUNT) < 0.5
    probabilities[right] = np.eye(10, dtype=np.float32)[labels[right]]
    return Evaluation("one", "One", labels, probabilities)


def draw(digit_map, evaluation, chosen=None, colouring=TRUE, areas=()):
    chosen = np.ones(COUNT, bool) if chosen is None else chosen
    return draw_map(digit_map, evaluation, chosen, colouring=colouring, areas=areas, dark=False)


@pytest.mark.parametrize("colouring", COLOURINGS)
def test_every_digit_is_a_point_at_its_position_with_its_number_label_and_prediction(
    digit_map, evaluation, colouring
):
    traces = draw(digit_map, evaluation, colouring=colouring).data
    assert sorted(np.concatenate([one.customdata[:, 0] for one in traces])) == [*range(COUNT)]
    are_crosses = [one.marker.symbol == "x" for one in traces]
    assert are_crosses == sorted(are_crosses)  # above the others
    for trace, is_cross in zip(traces, are_crosses, strict=True):
        number, label, predicted = trace.customdata.T
        assert np.array_equal(np.stack([trace.x, trace.y], axis=1), digit_map.positions[number])
        assert np.array_equal(label, evaluation.labels[number])
        assert np.array_equal(predicted, evaluation.predicted[number])
        assert ((label != predicted) == is_cross).all()


@pytest.mark.parametrize(("colouring", "column"), [(TRUE, 1), (PREDICTED, 2)])
def test_the_colour_of_a_digit_is_that_of_its_class_in_the_legend(
    digit_map, evaluation, colouring, column
):
    figure = draw(digit_map, evaluation, colouring=colouring)
    for trace in figure.data:
        assert {trace.name} == {str(value) for value in trace.customdata[:, column]}
        assert trace.marker.color == DIGIT_COLOURS[int(trace.name)]
    named = [trace.name for trace in figure.data if trace.showlegend]
    assert sorted(named) == [*map(str, range(10))]


def test_the_colour_of_a_digit_is_its_confidence(digit_map, evaluation):
    for trace in draw(digit_map, evaluation, colouring=CONFIDENCE).data:
        assert np.array_equal(trace.marker.color, evaluation.confidence[trace.customdata[:, 0]])
        assert not trace.showlegend


def test_misclassified_digits_have_a_colour_of_their_own(digit_map, evaluation):
    correct, wrong = draw(digit_map, evaluation, colouring=CORRECT).data
    assert (correct.name, wrong.name) == ("Correct", "Misclassified")
    assert correct.marker.color != wrong.marker.color


def test_digits_that_are_not_chosen_are_a_background_without_numbers(digit_map, evaluation):
    chosen = evaluation.labels == 4
    others, *points = draw(digit_map, evaluation, chosen).data
    assert others.customdata is None
    assert others.hoverinfo == "skip"
    assert len(others.x) == (~chosen).sum()
    numbers = np.concatenate([trace.customdata[:, 0] for trace in points])
    assert sorted(numbers) == np.flatnonzero(chosen).tolist()


def test_each_class_has_its_digit_on_one_of_its_points(digit_map, evaluation):
    labels = draw(digit_map, evaluation).layout.annotations
    assert [label.text for label in labels] == [f"<b>{digit}</b>" for digit in range(10)]
    for digit, label in enumerate(labels):
        points = digit_map.positions[evaluation.labels == digit]
        assert np.abs(points - (label.x, label.y)).sum(axis=1).min() < 1e-6


def test_an_area_is_outlined(digit_map, evaluation):
    area = Area(((0, 0), (0.5, 0), (0.25, 0.75)))
    (outline,) = draw(digit_map, evaluation, areas=(area,)).layout.selections
    assert outline.path == "M0,0L0.5,0L0.25,0.75Z"


def test_a_part_of_the_map_is_in_sight(digit_map, evaluation):
    figure = draw(digit_map, evaluation)
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (-1.05, 1.05)
    zoom_in(figure, (0.1, 0.5, -0.4, 0.2))
    assert figure.layout.xaxis.range == (0.1, 0.5)
    assert figure.layout.yaxis.range == (-0.4, 0.2)
    assert figure.layout.yaxis.scaleanchor == "x"


def test_digits_of_a_drawing_are_stars(digit_map, evaluation):
    figure = draw(digit_map, evaluation)
    add_drawings(figure, [(0.1, 0.2), (0.3, -0.4)], ["4", "?"], dark=True)
    star = figure.data[-1]
    assert (star.x, star.y, star.text) == ((0.1, 0.3), (0.2, -0.4), ("4", "?"))


def test_a_map_in_words_tells_how_many_are_misclassified(digit_map, evaluation):
    errors = (evaluation.predicted != evaluation.labels).sum()
    words = describe_map(digit_map, evaluation, colouring=CONFIDENCE)
    assert f"200 digits for One by t-SNE, coloured by confidence; {errors} of them" in words


def test_classes_with_few_points_have_no_label_that_would_cover_them(digit_map):
    labels = np.repeat(np.arange(2, dtype=np.uint8), [MIN_LABELLED - 1, COUNT - MIN_LABELLED + 1])
    evaluation = Evaluation("one", "One", labels, np.eye(10, dtype=np.float32)[labels])
    assert [one.text for one in draw(digit_map, evaluation).layout.annotations] == ["<b>1</b>"]


def test_points_of_few_digits_are_larger(digit_map, evaluation):
    def find_size(count: int) -> float:
        positions = np.resize(digit_map.positions, (count, 2))
        labels = np.resize(evaluation.labels, count)
        some = Evaluation("one", "One", labels, np.eye(10, dtype=np.float32)[labels])
        chosen = np.ones(count, bool)
        figure = draw_map(
            DigitMap(T_SNE, positions), some, chosen, colouring=TRUE, areas=(), dark=False
        )
        return figure.data[0].marker.size

    assert find_size(3) == find_size(FEW) > find_size(FEW + 1)


def test_highlighted_digits_are_selected_among_the_chosen(digit_map, evaluation, random):
    chosen, highlighted = random.random((2, COUNT)) < 0.5
    figure = draw(digit_map, evaluation, chosen)
    highlight_digits(figure, highlighted)
    selected = [
        one.customdata[one.selectedpoints, 0] for one in figure.data if one.customdata is not None
    ]
    assert sorted(np.concatenate(selected)) == np.flatnonzero(chosen & highlighted).tolist()
