"""Figures show the numbers they were given."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.analysis.confusion import ConfusionMatrix
from core.figures.confusion import (
    describe_confusion,
    describe_confusion_difference,
    draw_confusion,
    draw_confusion_difference,
    find_highest_error_share,
)
from core.figures.curves import Curve, describe_curves, draw_curves
from core.figures.digit import picture_from_frame, png_address
from core.figures.style import DIGIT_COLOURS, RUN_COLOURS, colour_models
from core.models.card import TrainingHistory
from core.models.files import list_model_ids

COLOURS = {"a": "#111111", "b": "#222222"}


@pytest.fixture
def confusion() -> ConfusionMatrix:
    counts = np.diag(np.full(10, 90))
    counts[4, 9] = 10
    return ConfusionMatrix(counts)


@pytest.fixture
def curve() -> Curve:
    history = TrainingHistory(
        loss=np.array([0.5, 0.2, 0.1]),
        accuracy=np.array([0.8, 0.9, 0.99]),
        validation_loss=np.array([0.4, 0.3, 0.35]),
        validation_accuracy=np.array([0.85, 0.9, 0.89]),
        unchanged_loss=np.array([np.nan, 0.1, 0.05]),
        unchanged_accuracy=np.array([np.nan, 0.95, 1.0]),
    )
    return Curve("a", "A", history, best_epoch=2)


def test_every_cell_can_be_clicked_and_knows_its_classes(confusion):
    cells = draw_confusion(confusion, as_shares=False, hide_diagonal=False, dark=False).data[1]
    assert len(cells.customdata) == 100
    for x, y, (true, predicted, count) in zip(cells.x, cells.y, cells.customdata, strict=True):
        assert (x, y) == (predicted, true)
        assert count == confusion.counts[true, predicted]


def test_cells_show_counts_or_shares_and_are_empty_for_zero(confusion):
    counts = draw_confusion(confusion, as_shares=False, hide_diagonal=False, dark=False).data[0]
    shares = draw_confusion(confusion, as_shares=True, hide_diagonal=False, dark=True).data[0]
    assert (counts.text[4][9], counts.text[4][4], counts.text[9][4]) == ("10", "90", "")
    assert (shares.text[4][9], shares.text[4][4]) == ("10.0", "90.0")


def test_errors_use_the_whole_scale_when_the_diagonal_is_hidden(confusion):
    figure = draw_confusion(
        confusion,
        as_shares=False,
        hide_diagonal=True,
        dark=False,
        highest_share=find_highest_error_share([confusion]),
    )
    heatmap = figure.data[0]
    assert heatmap.text[4][4] == ""
    assert np.isnan(heatmap.z[4][4])
    assert heatmap.z[4][9] == pytest.approx(heatmap.zmax)


def test_a_matrix_without_errors_has_a_scale():
    assert find_highest_error_share([ConfusionMatrix(np.diag(np.full(10, 5)))]) > 0


def test_the_same_share_has_the_same_colour_in_every_matrix(confusion):
    better = ConfusionMatrix(np.diag(np.full(10, 99)))
    better.counts[4, 9] = 1
    figures = [
        draw_confusion(one, as_shares=True, hide_diagonal=False, dark=False)
        for one in (confusion, better)
    ]
    assert len({figure.data[0].zmax for figure in figures}) == 1
    assert find_highest_error_share([better, confusion]) == pytest.approx(0.1)


def test_a_colour_bar_marks_the_colours_of_a_matrix_with_their_shares(confusion):
    heatmap = draw_confusion(
        confusion, as_shares=True, hide_diagonal=True, dark=False, highest_share=0.1
    ).data[0]
    assert heatmap.showscale is not False
    bar = heatmap.colorbar
    assert (bar.tickvals[0], bar.ticktext[0]) == (heatmap.zmin, "0")
    assert bar.ticktext[-1] == "10"
    assert bar.tickvals[-1] == pytest.approx(heatmap.z[4][9])
    whole = draw_confusion(confusion, as_shares=True, hide_diagonal=False, dark=False).data[0]
    assert whole.colorbar.ticktext[-1] == "100"
    for ticks in (bar.tickvals, whole.colorbar.tickvals):
        assert min(np.diff(ticks)) / (ticks[-1] - ticks[0]) > 0.08


def test_a_colour_bar_marks_the_largest_difference(confusion):
    other = ConfusionMatrix(confusion.counts.copy())
    other.counts[4, 9] = 3
    bar = draw_confusion_difference(confusion, other, dark=False).data[0].colorbar
    assert bar.ticktext == ("-7", "0", "+7")


def test_a_matrix_in_words_names_its_errors_most_frequent_first(confusion):
    confusion.counts[2, 3] = 20
    assert describe_confusion(confusion) == (
        "900 of 930 digits classified correctly. "
        "Most frequent errors: 2 predicted as 3 (20), 4 predicted as 9 (10)."
    )
    assert describe_confusion(ConfusionMatrix(np.eye(10, dtype=int))) == (
        "10 of 10 digits classified correctly."
    )


def test_a_difference_in_words_names_the_cells_that_differ_most(confusion):
    other = ConfusionMatrix(confusion.counts.copy())
    other.counts[4, 9], other.counts[1, 7], other.counts[3, 3] = 7, 9, 0
    assert describe_confusion_difference(confusion, other) == (
        "1 predicted as 7: -9; 4 predicted as 9: +3."
    )
    assert describe_confusion_difference(confusion, confusion) == "none."


def test_curves_in_words_give_the_validation_metric_at_the_kept_epoch(curve):
    kept = "at the kept epoch, 2 of 3."
    assert describe_curves([curve], metric="loss") == f"A: validation loss 0.3 {kept}"
    assert describe_curves([curve], metric="accuracy") == f"A: validation accuracy 90.00% {kept}"


def test_curves_show_both_series_and_a_star_on_the_epoch_kept(curve):
    figure = draw_curves([curve], COLOURS, metric="loss", log_axis=False)
    training, unchanged, validation, star = figure.data
    assert list(training.y) == [0.5, 0.2, 0.1]
    assert list(unchanged.y)[1:] == [0.1, 0.05]
    assert list(validation.x) == [1, 2, 3]
    assert (star.x[0], star.y[0]) == (2, 0.3)


def test_on_a_log_axis_accuracy_becomes_the_error_rate(curve):
    figure = draw_curves([curve], COLOURS, metric="accuracy", log_axis=True)
    assert list(figure.data[2].y) == pytest.approx([0.15, 0.1, 0.11])
    assert figure.layout.yaxis.type == "log"
    assert "Error rate" in figure.layout.yaxis.title.text


def test_a_history_without_unchanged_images_has_no_curve_of_them(curve):
    missing = np.full(3, np.nan)
    history = replace(curve.history, unchanged_loss=missing, unchanged_accuracy=missing)
    curve = replace(curve, history=history)
    assert len(draw_curves([curve], COLOURS, metric="loss", log_axis=False).data) == 3


def test_a_model_keeps_its_colour_and_no_two_share_one():
    few, many = colour_models(["lenet5", "mlp"]), colour_models(["cnn", "lenet5", "mlp", "other"])
    assert {model_id: many[model_id] for model_id in few} == few
    assert len(set(many.values())) == 4


def name_runs(*ends: int) -> list[str]:
    return [f"run_{end:012x}" for end in ends]


def test_runs_have_their_own_colours_and_keep_them_when_others_are_added():
    built_in = list_model_ids()
    colours = colour_models([*built_in, *name_runs(3, 11, 3 + 2**20, 7)])
    assert len(set(colours.values())) == len(built_in) + 4
    few = colour_models([*built_in, *name_runs(3, 11)])
    assert {model_id: colours[model_id] for model_id in few} == few
    assert colour_models(name_runs(3)) == {name_runs(3)[0]: few[name_runs(3)[0]]}
    assert len(colour_models(name_runs(*range(50)))) == 50


# Of G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based model for
# simulation of color vision deficiency" (2009), doi:10.1109/TVCG.2009.113, at full severity.
SIGHTS = {
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
       [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip


def to_lab(colours: list[str], sight: str) -> np.ndarray:
    """CIELAB, ``(N, 3)``, of what somebody of this sight sees."""
    values = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(SIGHTS[sight]).T, 0, 1)
    xyz = seen @ np.array(XYZ).T / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_of_runs_differ_for_every_kind_of_colour_vision(sight):
    built_in = list(colour_models(list_model_ids()).values())
    seen = to_lab([*built_in, *RUN_COLOURS], sight)
    distances = np.linalg.norm(seen[:, None] - seen, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert distances[len(built_in) :].min() > 14


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_of_digits_differ_for_every_kind_of_colour_vision(sight):
    seen = to_lab([*DIGIT_COLOURS], sight)
    distances = np.linalg.norm(seen[:, None] - seen, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert len(seen) == 10
    assert distances.min() > 14


def test_pictures_show_every_pixel_of_the_frame():
    frame = np.zeros((28, 28), np.float32)
    frame[3, 5] = 0.5
    picture = np.asarray(picture_from_frame(frame, side=56))
    assert picture.shape == (56, 56)
    assert (picture[6:8, 10:12] == 128).all()
    assert picture.sum() == 4 * 128


def test_a_png_address_holds_the_frame():
    frame = np.arange(784, dtype=np.uint8).reshape(28, 28)
    head, data = png_address(frame).split(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), frame)
