import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.inference.classifier import load_classifier
from core.synthesis.glyphs import draw_sample


@pytest.mark.parametrize("digit", range(10))
def test_samples_stay_on_the_canvas_and_differ_from_each_other(digit, random):
    first, second = (draw_sample(digit, canvas_size=200, random=random) for _ in range(2))
    for stroke in [*first, *second]:
        assert stroke.min() >= 0
        assert stroke.max() <= 200
    assert np.abs(frame_from_strokes(first) - frame_from_strokes(second)).mean() > 0.005


def test_the_same_seed_gives_the_same_sample():
    first, second = (
        draw_sample(8, canvas_size=200, random=np.random.default_rng(3)) for _ in range(2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_samples_are_recognised_as_their_digit(random):
    classifier = load_classifier("lenet5")
    plain = {0: "plain", 1: "plain", 2: "plain", 4: "closed", 7: "plain", 9: "plain"}
    for digit in range(10):
        frames = [
            frame_from_strokes(
                draw_sample(digit, style=plain.get(digit), canvas_size=280, random=random)
            )
            for _ in range(40)
        ]
        predicted = classifier.probabilities(np.stack(frames)).argmax(axis=1)
        assert (predicted == digit).mean() >= 0.9


@pytest.mark.parametrize(
    ("digit", "usual", "style", "place"),
    [
        (0, "plain", "slashed", np.s_[12:16, 12:16]),
        (1, "plain", "footed", np.s_[20:24, 8:12]),
        (4, "closed", "open", np.s_[8:12, 8:12]),
        (7, "plain", "crossed", np.s_[16:20, 8:12]),
    ],
)
def test_styles_that_mnist_lacks_have_ink_where_the_usual_one_has_paper(
    digit, usual, style, place, random
):
    def draw_mean(style: str) -> np.ndarray:
        drawings = (
            draw_sample(digit, style=style, canvas_size=280, random=random) for _ in range(40)
        )
        return np.mean([frame_from_strokes(strokes) for strokes in drawings], axis=0)

    assert draw_mean(style)[place].mean() - draw_mean(usual)[place].mean() > 0.2


@pytest.mark.parametrize(("digit", "style"), [(10, None), (-1, None), (3, "slashed")])
def test_an_unknown_digit_or_style_is_refused(digit, style, random):
    with pytest.raises(ValueError, match="expected a"):
        draw_sample(digit, style=style, canvas_size=200, random=random)
