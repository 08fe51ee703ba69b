"""The figure of a running training."""

from core.figures.learning import draw_learning
from core.runs.progress import Point, Progress, Validation


def test_the_curve_has_a_gap_where_a_stopped_training_was_resumed():
    """Stopped in the middle of the second epoch; resumed with the third."""
    progress = Progress(
        epochs=3,
        points=tuple(Point(at, 1.0, 0.5) for at in (0.5, 1.0, 1.5, 2.5, 3.0)),
        gaps=((1.5, 2.0),),
        validations=tuple(Validation(1.0, 0.5) for _ in range(3)),
    )
    training, validation = draw_learning(progress).data[:2]
    drawn = dict(zip(training.x, training.y, strict=True))
    (gap,) = (at for at, loss in drawn.items() if loss is None)
    assert 1.5 < gap < 2.5
    assert [at for at in drawn if at != gap] == [point.at for point in progress.points]
    # The second validation was when the training stopped.
    assert list(validation.x) == [1, 1.5, 3]


def test_what_was_measured_on_unchanged_images_is_a_curve_of_its_own():
    validations = (Validation(0.4, 0.8), Validation(0.3, 0.9, 0.2, 0.95))
    figure = draw_learning(Progress(epochs=2, validations=validations))
    drawn = {(line.name, line.yaxis): list(line.y) for line in figure.data}
    assert drawn["Training, unchanged images", "y"] == [None, 0.2]
    assert drawn["Training, unchanged images", "y2"] == [None, 0.95]
    assert drawn["Validation", "y"] == [0.4, 0.3]
    earlier = draw_learning(Progress(validations=validations[:1]))
    assert {line.name for line in earlier.data} == {"Training", "Validation"}


def test_the_curve_of_a_training_that_was_never_stopped_has_no_gap():
    progress = Progress(points=(Point(0.5, 1.0, 0.5), Point(1.0, 0.8, 0.6)))
    assert list(draw_learning(progress).data[0].y) == [1.0, 0.8]
