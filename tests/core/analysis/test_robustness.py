"""Robustness on disk and as measured."""

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.analysis import robustness as measuring
from core.analysis.robustness import (
    Robustness,
    RobustnessCounts,
    load_robustness,
    main,
    measure_amount,
    measure_robustness,
    save_robustness,
    take_sample,
)
from core.inference.classifier import load_classifier
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    CARD_FILE,
    LITERT_FILE,
    ROBUSTNESS_FILE,
    DamagedArtifactError,
    list_model_ids,
    load_card,
)
from core.synthesis.corruptions import CORRUPTIONS, SEVERITIES

# On another processor, a digit with two nearly equal probabilities may be predicted differently.
TOLERANCE = 2


def count(*, right: int = 60, total: int = 100) -> RobustnessCounts:
    return RobustnessCounts(total, 90, dict.fromkeys(CORRUPTIONS, (right,) * 5))


@pytest.fixture
def directory(tmp_path):
    """A directory with a copy of one model, which was not measured yet."""
    (tmp_path / "lenet5").mkdir()
    for name in (CARD_FILE, LITERT_FILE):
        shutil.copy(ARTIFACTS_DIRECTORY / "lenet5" / name, tmp_path / "lenet5")
    return tmp_path


@pytest.fixture
def robustness() -> Robustness:
    digest = load_card("lenet5").files[LITERT_FILE]
    return Robustness("lenet5", digest, {"mnist_test": count(), "bundled_digits": count(right=50)})


def rewrite(directory: Path, robustness: Robustness, change: Callable[[dict], object]) -> None:
    """Store figures, and change the fields of their file."""
    path = save_robustness(robustness, directory)
    fields = json.loads(path.read_text("utf-8"))
    change(fields)
    path.write_text(json.dumps(fields), "utf-8")


def test_estimates_run_from_untouched_to_severity_5_with_intervals():
    counts = replace(count(), right={**count().right, "rotate": (80, 70, 60, 50, 40)})
    estimates = counts.estimate("rotate")
    assert [estimate.value for estimate in estimates] == [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert estimates[4].low == pytest.approx(0.4038, abs=1e-4)  # Wilson, 50 of 100
    assert counts.average("rotate") == pytest.approx(0.6)


def test_every_corruption_has_the_same_weight_in_the_mean_and_uncorrupted_digits_have_none():
    right = dict.fromkeys(CORRUPTIONS, (0,) * 5) | {"rotate": (100, 100, 100, 100, 100)}
    assert RobustnessCounts(100, 100, right).average_over_corruptions == pytest.approx(
        1 / len(CORRUPTIONS)
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"total": 0},
        {"untouched": 101},
        {"untouched": -1},
        {"right": dict.fromkeys(CORRUPTIONS, (1, 2, 3, 4))},
        {"right": dict.fromkeys(CORRUPTIONS, (1, 2, 3, 4, 101))},
    ],
)
def test_impossible_counts_are_refused(fields):
    with pytest.raises(ValueError, match="expected"):
        replace(count(), **fields)


def test_robustness_survives_a_round_trip_without_leaving_other_files(directory, robustness):
    assert load_robustness("lenet5", directory) is None
    path = save_robustness(robustness, directory)
    assert load_robustness("lenet5", directory) == robustness
    assert {file.name for file in path.parent.iterdir()} == {
        CARD_FILE,
        LITERT_FILE,
        ROBUSTNESS_FILE,
    }


def test_figures_of_another_model_are_refused(directory, robustness):
    save_robustness(replace(robustness, model_sha256="0" * 64), directory)
    with pytest.raises(DamagedArtifactError, match="belongs to another training of the model"):
        load_robustness("lenet5", directory)


@pytest.mark.parametrize(
    "damage",
    [
        lambda fields: fields.pop("datasets"),
        lambda fields: fields.pop("seed"),
        lambda fields: fields["amounts"].update(rotate=None),
        lambda fields: fields["datasets"]["mnist_test"].update(total=3),
        lambda fields: fields["datasets"]["mnist_test"]["right"].update(rotate=[1, 2, 3, 4]),
        lambda fields: fields["datasets"].update(mnist_test=None),
    ],
)
def test_damaged_figures_are_refused(directory, robustness, damage):
    rewrite(directory, robustness, damage)
    with pytest.raises(
        DamagedArtifactError, match=r"is damaged\. Run .* to measure the model again"
    ):
        load_robustness("lenet5", directory)


@pytest.mark.parametrize(
    ("change", "unmeasured"),
    [
        (lambda fields: fields["amounts"].update(rotate=[1, 2, 3, 4, 5]), ["rotate"]),
        (lambda fields: fields["amounts"].pop("rotate"), ["rotate"]),
        (
            lambda fields: [part["right"].pop("rotate") for part in fields["datasets"].values()],
            ["rotate"],
        ),
        (lambda fields: fields.update(seed=99), list(CORRUPTIONS)),
        (lambda fields: fields["amounts"].update(melt=[1, 2, 3, 4, 5]), []),
        (
            lambda fields: [
                counts["right"].update(melt=[1, 2, 3, 4, 5])
                for counts in fields["datasets"].values()
            ],
            [],
        ),
    ],
    ids=["other amounts", "no amounts", "no counts", "another seed", "a former corruption",
         "counts of a former corruption"],
)  # fmt: skip
def test_a_corruption_that_changed_or_is_missing_is_not_measured_and_the_others_are(
    directory, robustness, change, unmeasured
):
    rewrite(directory, robustness, change)
    for dataset_id, counts in load_robustness("lenet5", directory).counts.items():
        stored = robustness.counts[dataset_id].right
        assert counts.right == {
            name: stored[name] for name in CORRUPTIONS if name not in unmeasured
        }
        assert counts.list_unmeasured() == unmeasured
        assert counts.untouched == 90
        for corruption_id in CORRUPTIONS:
            missing = corruption_id in unmeasured
            assert (counts.estimate(corruption_id) is None) == missing
            assert (counts.average(corruption_id) is None) == missing


def test_a_further_corruption_is_not_measured_yet_and_not_in_the_mean(monkeypatch):
    before = {model_id: load_robustness(model_id) for model_id in list_model_ids()}
    monkeypatch.setitem(CORRUPTIONS, "melt", replace(CORRUPTIONS["rotate"], id="melt"))
    for model_id, robustness in before.items():
        after = load_robustness(model_id)
        assert after == robustness
        for dataset_id, counts in after.counts.items():
            assert counts.list_unmeasured() == ["melt"]
            assert counts.estimate("melt") is None
            assert counts.average("melt") is None
            assert after.average(dataset_id) == robustness.average(dataset_id)


def test_without_measured_corruptions_there_is_no_mean(robustness):
    nothing = replace(count(), right={})
    assert nothing.average_over_corruptions is None
    assert nothing.list_unmeasured() == list(CORRUPTIONS)
    unmeasured = replace(robustness, counts={"mnist_test": nothing})
    assert unmeasured.average("mnist_test") is None
    assert unmeasured.average("bundled_digits") is None


def test_measuring_again_completes_the_figures(directory, monkeypatch, bundled_digits, robustness):
    save_robustness(robustness, directory)
    monkeypatch.setitem(CORRUPTIONS, "melt", replace(CORRUPTIONS["rotate"], id="melt"))
    few = take_sample(bundled_digits, 20)
    (counts,) = measure_robustness([load_classifier("lenet5", directory)], few)
    save_robustness(replace(robustness, counts={"bundled_digits": counts}), directory)
    assert load_robustness("lenet5", directory).counts["bundled_digits"] == counts
    assert counts.list_unmeasured() == []


def test_an_incomplete_file_is_refused(directory, robustness):
    path = save_robustness(robustness, directory)
    path.write_text(path.read_text("utf-8")[:100], "utf-8")
    with pytest.raises(DamagedArtifactError, match="Run `python -m"):
        load_robustness("lenet5", directory)


def test_a_sample_is_spread_over_the_data_set_and_a_small_data_set_is_its_own_sample(
    bundled_digits,
):
    sample = take_sample(bundled_digits, 10)
    assert len(sample) == 10
    assert np.array_equal(sample.images[0], bundled_digits.images[0])
    assert np.array_equal(sample.images[-1], bundled_digits.images[-1])
    assert np.array_equal(take_sample(sample, 50).images, sample.images)


def test_models_predict_the_same_corrupted_digits_and_are_counted_separately(bundled_digits):
    few = take_sample(bundled_digits, 40)
    classifiers = [load_classifier(model_id) for model_id in ("mlp", "numpy_dense")]
    reported = []
    together = measure_robustness(classifiers, few, reported.append)
    assert together[1] == measure_robustness(classifiers[1:], few)[0]
    assert sum(reported) == 2 * 40 * (1 + len(CORRUPTIONS) * len(SEVERITIES))


@pytest.mark.parametrize("model_id", list_model_ids())
class TestEveryModel:
    def test_it_is_measured_on_at_least_eight_corruptions_of_five_severities(self, model_id):
        found = load_robustness(model_id)
        assert found.counts["mnist_test"].total == 10_000
        assert found.counts["bundled_digits"].total == 1797
        for counts in found.counts.values():
            assert len(counts.right) >= 8
            assert all(len(row) == 5 for row in counts.right.values())

    def test_the_accuracy_without_corruption_agrees_with_its_card(self, model_id):
        found, metrics = load_robustness(model_id).counts, load_card(model_id).metrics
        for name, metric in (
            ("mnist_test", "test_accuracy"),
            ("bundled_digits", "bundled_digits_accuracy"),
        ):
            expected = metrics[metric].value * found[name].total
            assert found[name].untouched == pytest.approx(expected, abs=TOLERANCE)

    def test_measuring_some_corruptions_again_gives_the_same_counts(self, model_id, bundled_digits):
        counts = load_robustness(model_id).counts["bundled_digits"]
        classifier = load_classifier(model_id)
        for name, severity in (("rotate", 3), ("gaussian_noise", 2), ("occlusion", 5)):
            corruption = CORRUPTIONS[name]
            again = measure_amount(
                classifier, bundled_digits, corruption, corruption.amounts[severity - 1]
            )
            expected = counts.right[name][severity - 1]
            assert again.value * counts.total == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("corruption", "severity"),
    [*zip(CORRUPTIONS.values(), itertools.cycle(SEVERITIES), strict=False)],
    ids=lambda value: getattr(value, "id", value),
)
def test_measuring_every_corruption_again_gives_the_same_counts(
    bundled_digits, corruption, severity
):
    counts = load_robustness("numpy_dense").counts["bundled_digits"]
    again = measure_amount(
        load_classifier("numpy_dense"),
        bundled_digits,
        corruption,
        corruption.amounts[severity - 1],
    )
    expected = counts.right[corruption.id][severity - 1]
    assert again.value * counts.total == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.usefixtures("mnist_test")
def test_a_trial_prints_the_result_and_writes_nothing(monkeypatch, capsys):
    monkeypatch.setattr(measuring, "save_robustness", lambda *_: pytest.fail("it was written"))
    assert main(["--model", "mlp", "--limit", "20"]) == 0
    assert "mlp" in capsys.readouterr().out


def test_the_command_saves_its_measurements(monkeypatch, bundled_digits):
    monkeypatch.setattr(measuring, "load_mnist", lambda _: replace(bundled_digits, id="mnist_test"))
    written = []
    monkeypatch.setattr(measuring, "save_robustness", written.append)
    assert main(["--model", "numpy_dense"]) == 0
    (found,) = written
    stored = load_robustness("numpy_dense")
    assert found.model_sha256 == stored.model_sha256
    untouched = stored.counts["bundled_digits"].untouched
    assert found.counts["bundled_digits"].untouched == pytest.approx(untouched, abs=TOLERANCE)


def test_an_unknown_model_gives_a_message_and_status_1(capsys):
    assert main(["--model", "nope"]) == 1
    assert "choices are" in capsys.readouterr().err
