"""The report of a comparison: escaped, self-contained, with the figures of the models."""

import base64
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from core.analysis.cost import Cost
from core.analysis.evaluation import Evaluation, load_test_evaluation
from core.analysis.findings.finding import Finding
from core.analysis.label_errors import KNOWN_MNIST_TEST_ERRORS
from core.figures.report import Advantage, ReportedModel, find_single_errors, write_report
from core.models.files import load_card
from tests.html_page import HtmlPage

ADDRESS = "http://localhost:8501/compare?digits=Bundled+digits&models=A&models=B"
HOSTILE = "\"><script>alert(1)</script><img src=http://example.org/x> & 'B'"
RUN = "run_0123456789ab"


def predict(labels: np.ndarray, wrong: list[int]) -> np.ndarray:
    """Probabilities that are right except for some digits, the later the more confident."""
    predicted = labels.copy()
    predicted[wrong] = (predicted[wrong] + 1) % 10
    confidence = np.linspace(0.6, 0.9, len(labels))[:, None]
    chosen = np.eye(10)[predicted]
    return (chosen * confidence + (1 - chosen) * (1 - confidence) / 9).astype(np.float32)


def make_models(labels, *, second_title="B"):
    """Model A misclassifies 40 digits, the run B ten of them and three others."""
    wrong = [[*range(40)], [*range(30, 43)]]
    titles, ids = ("A", second_title), ("lenet5", RUN)
    card = load_card("lenet5")
    return [
        ReportedModel(
            replace(card, id=model_id, title=title),
            Evaluation(model_id, title, labels, predict(labels, one)),
            Cost(0.001234, 0.0025, 100_000, 12_345_678),
            "#0072B2",
            {"Start from": title} if model_id == RUN else {},
        )
        for model_id, title, one in zip(ids, titles, wrong, strict=True)
    ]


def write(models, dataset, advantages=()) -> str:
    now = datetime(2026, 11, 27, 1, 36, tzinfo=UTC)
    return write_report(models, dataset, advantages, address=ADDRESS, created_at=now)


def test_names_are_escaped_and_the_page_is_well_formed_and_asks_for_nothing(bundled_digits):
    models = make_models(bundled_digits.labels, second_title=HOSTILE)
    finding = Finding("model_differences", f"Sevens: {HOSTILE}", HOSTILE, (1,), "7 slant<-8")
    advantages = [Advantage("A", HOSTILE, [finding] * 5), Advantage(HOSTILE, "A", [])]
    text = write(models, bundled_digits, advantages)
    page = HtmlPage(text)
    assert page.errors == []
    assert {"script", "link", "iframe"}.isdisjoint(tag for tag, _ in page.tags)
    assert {source[:22] for source in page.list_values("src")} == {"data:image/png;base64,"}
    assert page.list_values("href") == [ADDRESS]
    assert not re.search(r"url\(|@import", text)
    assert page.tables["models"][2][0] == HOSTILE
    assert text.count("Sevens:") == 3
    assert "2 more on the Weak spots page" in text


def test_the_figures_are_those_of_the_predictions(bundled_digits):
    labels = bundled_digits.labels
    models = make_models(labels)
    page = HtmlPage(write(models, bundled_digits))
    total = len(labels)
    for row, wrong in zip(page.tables["models"][1:], (40, 13), strict=True):
        low, high = proportion_confint(total - wrong, total, method="wilson")
        assert row[1:3] == [f"{1 - wrong / total:.2%}", f"{low:.2%} to {high:.2%}"]
        parameters = f"{load_card('lenet5').parameter_count:,}"
        assert row[4:] == [str(wrong), parameters, "1.234", "2.500", "12,345,678"]
    (pair,) = page.tables["pairs"][1:]
    p_value = mcnemar([[0, 3], [30, 0]], exact=True).pvalue
    assert pair[:5] == ["A", "B", "3", "30", f"{-27 / total:+.2%}"]
    assert pair[6:] == ["< 0.0001" if p_value < 1e-4 else f"{p_value:.4f}", "B"]
    for model in models:
        title = model.card.title
        (rows,) = (rows for name, rows in page.tables.items() if f"Errors of {title}:" in name)
        counts = confusion_matrix(labels, model.evaluation.predicted)
        np.fill_diagonal(counts, 0)
        shown = [[int(cell or 0) for cell in row[1:]] for row in rows[1:]]
        assert np.array_equal(shown, counts)


def test_a_run_has_its_settings_and_a_built_in_model_its_command(bundled_digits):
    text = write(make_models(bundled_digits.labels), bundled_digits)
    assert "python -m core.training lenet5" in text
    assert "Start from: B" in text
    assert f"python -m core.training {RUN}" not in text


def test_a_model_that_was_trained_on_the_digits_is_named(bundled_digits):
    first, second = make_models(bundled_digits.labels)
    learned = replace(second, card=replace(second.card, trained_on=("mnist", "bundled_digits")))
    warning = "has learned from some of these digits"
    assert f"<p>B {warning}, so the figures here can be better" in write(
        [first, learned], bundled_digits
    )
    assert warning not in write([first, second], bundled_digits)


def test_the_pictures_are_digits_that_one_model_alone_misclassifies(bundled_digits):
    evaluations = [model.evaluation for model in make_models(bundled_digits.labels)]
    first, second = find_single_errors(evaluations, bundled_digits)
    assert (first.total, second.total) == (30, 3)
    assert [digit.index for digit in first.digits] == [29, 28, 27, 26, 25, 24]
    assert [digit.index for digit in second.digits] == [42, 41, 40]
    contents = base64.b64decode(second.digits[0].address.partition(",")[2])
    assert np.array_equal(np.array(Image.open(io.BytesIO(contents))), bundled_digits.images[42])


def test_digits_whose_label_is_known_to_be_wrong_are_counted_but_not_shown(mnist_test):
    evaluations = [load_test_evaluation(one, mnist_test) for one in ("lenet5", "committee")]
    right = [one.predicted == mnist_test.labels for one in evaluations]
    alone = np.flatnonzero(~right[1] & right[0])
    assert set(alone) & set(KNOWN_MNIST_TEST_ERRORS)
    errors = find_single_errors(evaluations, mnist_test)[1]
    shown = {digit.index for digit in errors.digits}
    assert errors.total == len(alone)
    assert shown <= set(alone) - set(KNOWN_MNIST_TEST_ERRORS)
    assert shown


def test_models_without_errors_have_a_report_too(bundled_digits):
    labels = bundled_digits.labels
    models = [
        replace(model, evaluation=Evaluation("x", "X", labels, predict(labels, [])))
        for model in make_models(labels)
    ]
    page = HtmlPage(write(models, bundled_digits, [Advantage("A", "B", [])]))
    assert page.errors == []
    assert page.tables["pairs"][1][6:] == ["1.0000", "–"]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_report_has_at_most_twelve_pictures(mnist_test, count):
    names = ("lenet5", "mlp", "cnn", "logistic_regression")[:count]
    evaluations = [load_test_evaluation(name, mnist_test) for name in names]
    found = find_single_errors(evaluations, mnist_test)
    assert sum(len(errors.digits) for errors in found) == 12
