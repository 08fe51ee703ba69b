import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.inference import judge
from core.inference.classifier import Classifier, load_classifier
from core.inference.judge import (
    JUDGE_MODEL_IDS,
    SUBSTITUTE_MODEL_IDS,
    Judge,
    choose_judges,
    load_judge,
)
from core.models.files import DamagedArtifactError
from core.synthesis.glyphs import draw_glyph, draw_sample
from core.synthesis.non_digits import HELD_OUT


class FixedClassifier:
    def __init__(self, probabilities) -> None:
        self._probabilities = np.array(probabilities, np.float32)

    def probabilities(self, frames):
        return np.tile(self._probabilities, (len(frames), 1))


def make_distribution(**shares: float) -> list[float]:
    """Named digits' shares, such as ``d3=0.9``; the others divide the rest."""
    rest = (1 - sum(shares.values())) / (10 - len(shares))
    return [shares.get(f"d{digit}", rest) for digit in range(10)]


@pytest.mark.parametrize("model_ids", [JUDGE_MODEL_IDS, *zip(SUBSTITUTE_MODEL_IDS, strict=True)])
def test_digits_score_higher_than_shapes_that_no_model_was_trained_on(random, model_ids):
    digits = [
        frame_from_strokes(draw_sample(digit, canvas_size=280, random=random))
        for digit in range(10)
        for _ in range(5)
    ]
    shapes = [
        frame_from_strokes(draw_glyph(glyph, canvas_size=280, random=random))
        for glyph in HELD_OUT.values()
        for _ in range(5)
    ]
    scores = Judge([load_classifier(model_id) for model_id in model_ids])
    assert np.median(scores.log_confidences(digits)) > np.log(0.9)
    assert np.median(scores.log_confidences(shapes)) < np.log(0.7)


def test_a_uniform_distribution_scores_log_0_1():
    uniform = Judge([FixedClassifier([0.1] * 10)])
    assert uniform.log_confidences(np.zeros((2, 28, 28))) == pytest.approx([np.log(0.1)] * 2)


def test_two_models_that_disagree_score_lower_than_two_that_are_not_sure():
    three, five = make_distribution(d3=0.95), make_distribution(d5=0.95)
    frames = np.zeros((1, 28, 28))
    apart = Judge([FixedClassifier(three), FixedClassifier(five)]).log_confidences(frames)
    doubt = Judge([FixedClassifier(make_distribution(d3=0.6))] * 2).log_confidences(frames)
    assert apart < doubt


def test_no_frames_have_no_scores():
    assert load_judge().log_confidences(np.zeros((0, 28, 28))).shape == (0,)


def test_the_models_are_loaded_once_and_again_when_one_is_replaced(monkeypatch):
    first = load_judge()
    assert load_judge() is first
    monkeypatch.setattr(judge, "sign_model_file", lambda _id, _name: (1, 2, 3))
    assert load_judge() is not first


def test_a_damaged_model_is_left_out_and_where_all_are_another_one_judges(monkeypatch):
    damaged = {JUDGE_MODEL_IDS[0]}

    def load(model_id: str) -> Classifier:
        if model_id in damaged:
            raise DamagedArtifactError(f"{model_id} is damaged")
        return load_classifier(model_id)

    monkeypatch.setattr(judge, "load_classifier", load)
    monkeypatch.setattr(judge, "sign_model_file", lambda _id, _name: tuple(damaged))
    frames = np.random.default_rng(2).random((3, 28, 28), dtype=np.float32)

    def expect_judge(*model_ids: str) -> None:
        expected = Judge([load_classifier(model_id) for model_id in model_ids])
        found = load_judge().log_confidences(frames)
        assert np.allclose(found, expected.log_confidences(frames))

    expect_judge(*JUDGE_MODEL_IDS[1:])
    damaged.update(JUDGE_MODEL_IDS)
    expect_judge(SUBSTITUTE_MODEL_IDS[0])
    damaged.add(SUBSTITUTE_MODEL_IDS[0])
    expect_judge(SUBSTITUTE_MODEL_IDS[1])
    damaged.update(SUBSTITUTE_MODEL_IDS)
    with pytest.raises(DamagedArtifactError, match=JUDGE_MODEL_IDS[0]):
        load_judge()


@pytest.mark.parametrize(
    ("model_ids", "judges"),
    [
        (["cnn", "mlp", "lenet5"], ["lenet5", "mlp"]),
        (["cnn", "mlp"], ["mlp"]),
        (["deep_cnn", "cnn"], ["cnn"]),
        (["logistic_regression"], []),
    ],
)
def test_another_model_judges_where_none_that_should_is_there(model_ids, judges):
    assert choose_judges(model_ids) == judges
