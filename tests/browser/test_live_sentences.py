"""The browser's sentences about a prediction are those of the server."""

import pytest

from core.inference.judge import JUDGE_MODEL_IDS
from core.models.files import DEFAULT_MODEL_IDS, load_card
from core.synthesis.glyphs import draw_sample
from pages.parts.draw.answer import describe_answer
from tests.browser.live_modules import list_points
from tests.browser.test_live_number import SIDE, compare, draw_rows, draw_shapes, predict

DESCRIBE = """async ({ drawings, models, judge, titles }) => {
  const load = (names) => Promise.all(names.map(live.get));
  const networks = await load(models);
  const engine = live.buildEngine(await load(judge), await live.get("detector"));
  return drawings.map((strokes) => {
    const number = live.readNumber(strokes, networks, engine);
    return number && live.describeAnswer(number, titles);
  });
}"""


@pytest.mark.parametrize(
    "models", [[*DEFAULT_MODEL_IDS], ["lenet5", "logistic_regression"], ["logistic_regression"]]
)
def test_sentences_of_digits_numbers_and_doubtful_drawings_are_the_same(live, random, models):
    digits = [draw_sample(i % 10, canvas_size=SIDE, random=random) for i in range(30)]
    drawings = [*digits, *draw_rows(random), *draw_shapes(random)]
    arguments = {
        "drawings": list_points(drawings),
        "models": models,
        "judge": JUDGE_MODEL_IDS,
        "titles": [load_card(model_id).title for model_id in models],
    }
    sentences = live.page.evaluate(DESCRIBE, arguments)
    numbers = live.read_numbers(drawings, models, JUDGE_MODEL_IDS)
    compared = []
    for drawing, sentence, number in zip(drawings, sentences, numbers, strict=True):
        expected = predict(drawing, models)
        # Nearly the same probabilities may be rounded to different percents.
        if number and expected and compare(number, expected):
            compared.append((sentence, describe_answer(expected)))
    same = sum(ours == theirs for ours, theirs in compared)
    assert same >= 0.99 * len(compared)
    assert len({theirs for _, theirs in compared}) > 60
