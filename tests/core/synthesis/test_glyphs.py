import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.inference.classifier import load_classifier
from core.synthesis.glyphs import draw_sample, list_styles


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


def test_styles_that_mnist_lacks_are_included():
    assert "slashed" in list_styles(0)
    assert "footed" in list_styles(1)
    assert "open" in list_styles(4)
    assert "crossed" in list_styles(7)


@pytest.mark.parametrize(("digit", "style"), [(10, None), (-1, None), (3, "slashed")])
def test_an_unknown_digit_or_style_is_refused(digit, style, random):
    with pytest.raises(ValueError, match="expected a"):
        draw_sample(digit, style=style, canvas_size=200, random=random)
