import csv
import io

import numpy as np

from core.digits.found_digits import FoundDigit
from core.inference.detector import Detection
from core.inference.number_prediction import DigitPrediction, NumberPrediction
from core.inference.number_table import write_csv
from core.inference.prediction import Prediction


def predict(digit: int, row: int, left: float, *, sure: bool = True) -> DigitPrediction:
    probabilities = np.full(10, 0.02, np.float32)
    probabilities[digit] = 0.82
    prediction = Prediction("m", "M", probabilities, 0.0, not_sure_below=0.5 if sure else 0.9)
    frame = np.pad(np.ones((20, 4), np.float32), ((4, 4), (12, 12)))
    found = FoundDigit((left, 2.0, left + 4.5, 9.25), frame)
    detection = Detection(is_digit=True, may_be_several=False)
    return DigitPrediction(found, row, (prediction,), detection)


def test_the_table_has_a_line_for_each_digit_with_its_row_place_confidence_and_box():
    number = NumberPrediction((predict(4, 0, 1), predict(2, 0, 8), predict(7, 1, 3, sure=False)))
    lines = list(csv.DictReader(io.StringIO(write_csv(number))))
    assert [(line["row"], line["place"], line["character"]) for line in lines] == [
        ("1", "1", "4"),
        ("1", "2", "2"),
        ("2", "1", "?"),
    ]
    assert [float(line["confidence"]) for line in lines] == [0.82] * 3
    box = {side: lines[1][side] for side in ("left", "top", "right", "bottom")}
    assert box == {"left": "8.0", "top": "2.0", "right": "12.5", "bottom": "9.2"}
