"""Results on pictures: what models predict for labelled pictures, and shares of right answers.

The accuracy counts the most probable digits, as on other data sets; a picture in which no digit was
found is wrong. Apart from it, the answers as a page shows them are right, wrong or "?": an answer
with "?", or none, is neither right nor wrong. This module does not know where pictures come from.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

from core.analysis.metrics import estimate_mean_share, estimate_share
from core.digits.found_digits import DigitRows
from core.inference.classifier import Classifier
from core.inference.number_prediction import predict_numbers
from core.inference.vote import NO_DIGIT
from core.models.card import Estimate

PHOTO = "photo"


@dataclass(frozen=True, eq=False)
class LabelledPicture:
    """A picture and what was found in it.

    Attributes:
        digits: what it shows, in reading order, without spaces or newlines.
        kind: how it was made: ``photo``, ``scan`` or another word.
        source: the collection that it is from.
        is_whole: whether it is a picture as it was taken, not a digit cut out of one.
        rows: the digits found; none where it was refused.
        seconds: of processor time, to decode it and to find them.
    """

    digits: str
    kind: str
    source: str
    is_whole: bool
    rows: DigitRows
    seconds: float


@dataclass(frozen=True, eq=False)
class PictureResult:
    """What models predict for a picture.

    Attributes:
        digits: the most probable ones; none where none was found.
        text: the answer as a page shows it, in one row: "?" for what is taken for no digit.
    """

    picture: LabelledPicture
    digits: str
    text: str

    @property
    def is_right(self) -> bool:
        """Whether the most probable digits are those that the picture shows."""
        return self.digits == self.picture.digits

    @property
    def is_refused(self) -> bool:
        """Whether the answer is "?", has one in it, or is empty."""
        return not self.text or NO_DIGIT in self.text

    @property
    def is_answered_right(self) -> bool:
        """Whether the answer is the right one, without "?"."""
        return self.is_right and not self.is_refused

    @property
    def is_wrong(self) -> bool:
        """Whether the answer is a wrong one: digits without "?"."""
        return not self.is_right and not self.is_refused


Results = Sequence[PictureResult]


def find_timed(find: Callable[[], DigitRows]) -> tuple[DigitRows, float]:
    """The digits found, none where a picture is refused, and the seconds of processor time."""
    started = process_time()
    try:
        rows = find()
    except ValueError:  # refused: not a picture, or no ink in it
        rows = ()
    return rows, process_time() - started


def predict_pictures(
    classifiers: Sequence[Classifier], pictures: Sequence[LabelledPicture]
) -> list[PictureResult]:
    """Predict the digits found in each picture by the vote of one or several models."""
    numbers = predict_numbers([picture.rows for picture in pictures], classifiers)
    return [
        PictureResult(
            picture,
            "".join(str(digit.vote.digit) for digit in number.digits),
            "".join(digit.vote.character for digit in number.digits),
        )
        for picture, number in zip(pictures, numbers, strict=True)
    ]


def group_by(results: Results, name: str) -> dict[str, list[PictureResult]]:
    """The results for pictures of one digit by their ``kind`` or ``source``, sorted."""
    groups = defaultdict(list)
    for result in results:
        if len(result.picture.digits) == 1:
            groups[getattr(result.picture, name)].append(result)
    return dict(sorted(groups.items()))


def estimate_by(results: Results, name: str) -> dict[str, Estimate]:
    """The accuracy for each ``kind`` or ``source`` of pictures of one digit."""
    return {
        key: estimate_share(sum(result.is_right for result in group), len(group))
        for key, group in group_by(results, name).items()
    }


def estimate_mean_over(results: Results, name: str, outcome: str = "is_right") -> Estimate:
    """The share of an outcome, mean over the kinds or sources of pictures of one digit.

    Args:
        results: with at least one picture of one digit.
        name: ``kind`` or ``source``.
        outcome: the name of a property of results, such as ``is_refused``.
    """
    groups = group_by(results, name).values()
    return estimate_mean_share(
        [(sum(getattr(result, outcome) for result in group), len(group)) for group in groups]
    )


def list_whole_photographs(results: Results) -> list[PictureResult]:
    """The results for photographs of one digit as they were taken."""
    photos = group_by(results, "kind").get(PHOTO, [])
    return [result for result in photos if result.picture.is_whole]


def list_numbers(results: Results) -> list[PictureResult]:
    """The results for pictures of several digits."""
    return [result for result in results if len(result.picture.digits) > 1]


def measure_digit_share(results: Results) -> float:
    """The share of right digits by edit distance; below 0 where more were found than there are."""
    wrong = sum(measure_edit_distance(result.digits, result.picture.digits) for result in results)
    return 1 - wrong / sum(len(result.picture.digits) for result in results)


def measure_edit_distance(predicted: str, true: str) -> int:
    """Levenshtein's distance: how many digits to insert, leave out or replace."""
    distances = [*range(len(true) + 1)]
    for row, character in enumerate(predicted, start=1):
        diagonal, distances[0] = distances[0], row
        for column, other in enumerate(true, start=1):
            diagonal, distances[column] = (
                distances[column],
                min(
                    distances[column] + 1,
                    distances[column - 1] + 1,
                    diagonal + (character != other),
                ),
            )
    return distances[-1]
