import numpy as np
import pytest

from core.analysis.occlusion import map_occlusion
from core.digits.frame import frame_from_strokes
from core.inference.classifier import load_classifier
from core.models.files import list_model_ids

SEVEN = frame_from_strokes([np.array([(80.0, 70), (240, 70), (140, 270)])])


class OnePixelModel:
    """A model that depends on one pixel alone: the more ink it has, the more probable is a 3."""

    def probabilities(self, frames: np.ndarray) -> np.ndarray:
        probabilities = np.zeros((len(frames), 10), np.float32)
        probabilities[:, 3] = 0.25 + 0.5 * frames[:, 6, 6]
        probabilities[:, 5] = 1 - probabilities[:, 3]
        return probabilities


def test_only_ink_near_the_pixel_that_the_model_depends_on_counts():
    frame = np.zeros((28, 28), np.float32)
    frame[6, 6] = frame[20, 20] = 1
    occlusion = map_occlusion(OnePixelModel(), frame, 3)
    assert occlusion[6, 6] == pytest.approx(2 * np.log(3), rel=1e-5)  # from odds 3 to odds 1/3
    assert occlusion[20, 20] == 0
    assert np.count_nonzero(occlusion) == 1
    opposite = map_occlusion(OnePixelModel(), frame, 5)
    assert opposite[6, 6] == pytest.approx(-2 * np.log(3), rel=1e-5)
    assert np.abs(map_occlusion(OnePixelModel(), frame, 4)).max() < 1e-5


@pytest.mark.parametrize("model_id", list_model_ids())
def test_the_map_of_every_model_is_0_where_there_is_no_ink(model_id):
    classifier = load_classifier(model_id)
    digit = classifier.predict(SEVEN).digit
    occlusion = map_occlusion(classifier, SEVEN, digit)
    assert occlusion.shape == (28, 28)
    assert not occlusion[SEVEN == 0].any()
    assert occlusion.max() > 0.5
