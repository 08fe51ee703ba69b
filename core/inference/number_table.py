"""The table of a number: one line of a CSV file for each digit."""

import csv
import io

from core.inference.number_prediction import NumberPrediction

COLUMNS = ("row", "place", "character", "confidence", "left", "top", "right", "bottom")


def write_csv(number: NumberPrediction) -> str:
    """Write a table of all digits in reading order.

    Rows, and places within a row, are counted from 1. The sides of a box are in pixels of the
    upright picture.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    row, place = -1, 0
    for digit in number.digits:
        place = place + 1 if digit.row == row else 1
        row = digit.row
        sides = (f"{side:.1f}" for side in digit.found.box)
        writer.writerow(
            (row + 1, place, digit.vote.character, f"{digit.vote.confidence:.4f}", *sides)
        )
    return file.getvalue()
