import pytest

from core.figures.hyperparameters import draw_hyperparameters
from core.runs.sweeps import VariedSetting

SETTINGS = (
    VariedSetting("Learning rate", ("0.001", "0.004"), (0, 1, 1)),
    VariedSetting("Optimizer", ("adam", "sgd"), (0, 0, 1)),
)


@pytest.mark.parametrize("dark", [False, True])
def test_a_line_goes_through_its_settings_to_its_accuracy(dark):
    (trace,) = draw_hyperparameters(SETTINGS, [0.9, 0.97, 0.95], dark=dark).data
    assert [axis.label for axis in trace.dimensions] == [
        "Learning<br>rate",
        "Optimizer",
        "Accuracy",
    ]
    assert [axis["values"] for axis in trace.dimensions] == [
        (0, 1, 1),
        (0, 0, 1),
        (0.9, 0.97, 0.95),
    ]
    assert trace.dimensions[0].ticktext == ("0.001", "0.004")
    assert trace.line.color == (0.9, 0.97, 0.95)
    assert (trace.line.cmin, trace.line.cmax) == (0.9, 0.97)


def test_trials_of_equal_accuracy_have_a_colour():
    (trace,) = draw_hyperparameters(SETTINGS, [0.9, 0.9, 0.9], dark=False).data
    assert trace.line.cmax > trace.line.cmin
