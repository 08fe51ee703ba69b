"""Robustness on disk and as measured."""

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
    measure,
    measure_amount,
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

# A digit whose two best classes are as good as equal may fall either way on another processor.
SLACK = 2


def count(*, right: int = 60, total: int = 100) -> RobustnessCounts:
    return RobustnessCounts(total, 90, dict.fromkeys(CORRUPTIONS, (right,) * 5))


@pytest.fixture
def directory(tmp_path):
    """A copy of one model that nothing was measured of."""
    (tmp_path / "lenet5").mkdir()
    for name in (CARD_FILE, LITERT_FILE):
        shutil.copy(ARTIFACTS_DIRECTORY / "lenet5" / name, tmp_path / "lenet5")
    return tmp_path


@pytest.fixture
def kept() -> Robustness:
    digest = load_card("lenet5").files[LITERT_FILE]
    return Robustness("lenet5", digest, {"mnist_test": count(), "bundled_digits": count(right=50)})


def rewrite(directory: Path, kept: Robustness, change: Callable[[dict], object]) -> None:
    """Store figures, and change the fields of their file."""
    path = save_robustness(kept, directory)
    fields = json.loads(path.read_text("utf-8"))
    change(fields)
    path.write_text(json.dumps(fields), "utf-8")


def test_estimates_run_from_untouched_to_severity_5_with_intervals():
    counts = replace(count(), right={**count().right, "rotate": (80, 70, 60, 50, 40)})
    estimates = counts.estimate("rotate")
    assert [one.value for one in estimates] == [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert estimates[4].low == pytest.approx(0.4038, abs=1e-4)  # Wilson, 50 of 100
    assert counts.average("rotate") == pytest.approx(0.6)


def test_every_corruption_weighs_the_same_in_the_mean_and_untouched_digits_nothing():
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
def test_counts_that_cannot_be_are_refused(fields):
    with pytest.raises(ValueError, match="expected"):
        replace(count(), **fields)


def test_what_is_kept_survives_a_round_trip_and_leaves_nothing_else(directory, kept):
    assert load_robustness("lenet5", directory) is None
    path = save_robustness(kept, directory)
    assert load_robustness("lenet5", directory) == kept
    assert {one.name for one in path.parent.iterdir()} == {
        CARD_FILE,
        LITERT_FILE,
        ROBUSTNESS_FILE,
    }


def test_figures_of_another_model_are_refused(directory, kept):
    save_robustness(replace(kept, model_sha256="0" * 64), directory)
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
def test_damaged_figures_are_refused(directory, kept, damage):
    rewrite(directory, kept, damage)
    with pytest.raises(DamagedArtifactError, match=r"is damaged \(.*\)\. Run .* to measure again"):
        load_robustness("lenet5", directory)


@pytest.mark.parametrize(
    ("change", "unmeasured"),
    [
        (lambda fields: fields["amounts"].update(rotate=[1, 2, 3, 4, 5]), ["rotate"]),
        (lambda fields: fields["amounts"].pop("rotate"), ["rotate"]),
        (
            lambda fields: [one["right"].pop("rotate") for one in fields["datasets"].values()],
            ["rotate"],
        ),
        (lambda fields: fields.update(seed=99), list(CORRUPTIONS)),
        (lambda fields: fields["amounts"].update(melt=[1, 2, 3, 4, 5]), []),
        (
            lambda fields: [
                one["right"].update(melt=[1, 2, 3, 4, 5]) for one in fields["datasets"].values()
            ],
            [],
        ),
    ],
    ids=["other amounts", "no amounts", "no counts", "another seed", "a former corruption",
         "counts of a former corruption"],
)  # fmt: skip
def test_a_corruption_that_changed_or_is_missing_is_not_measured_and_the_others_are(
    directory, kept, change, unmeasured
):
    rewrite(directory, kept, change)
    for dataset_id, counts in load_robustness("lenet5", directory).counts.items():
        stored = kept.counts[dataset_id].right
        assert counts.right == {one: stored[one] for one in CORRUPTIONS if one not in unmeasured}
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


def test_nothing_measured_has_no_mean(kept):
    nothing = replace(count(), right={})
    assert nothing.average_over_corruptions is None
    assert nothing.list_unmeasured() == list(CORRUPTIONS)
    robustness = replace(kept, counts={"mnist_test": nothing})
    assert robustness.average("mnist_test") is None
    assert robustness.average("bundled_digits") is None


def test_measuring_again_completes_the_figures(directory, monkeypatch, bundled_digits, kept):
    save_robustness(kept, directory)
    monkeypatch.setitem(CORRUPTIONS, "melt", replace(CORRUPTIONS["rotate"], id="melt"))
    few = take_sample(bundled_digits, 20)
    (counts,) = measure([load_classifier("lenet5", directory)], few)
    save_robustness(replace(kept, counts={"bundled_digits": counts}), directory)
    assert load_robustness("lenet5", directory).counts["bundled_digits"] == counts
    assert counts.list_unmeasured() == []


def test_a_cut_file_is_refused(directory, kept):
    path = save_robustness(kept, directory)
    path.write_text(path.read_text("utf-8")[:100], "utf-8")
    with pytest.raises(DamagedArtifactError, match="Run `python -m"):
        load_robustness("lenet5", directory)


def test_a_sample_comes_from_all_over_and_a_small_data_set_is_its_own(bundled_digits):
    sample = take_sample(bundled_digits, 10)
    assert len(sample) == 10
    assert np.array_equal(sample.images[0], bundled_digits.images[0])
    assert np.array_equal(sample.images[-1], bundled_digits.images[-1])
    assert np.array_equal(take_sample(sample, 50).images, sample.images)


def test_models_read_the_same_digits_and_are_counted_one_by_one(bundled_digits):
    few = take_sample(bundled_digits, 40)
    classifiers = [load_classifier(one) for one in ("mlp", "numpy_dense")]
    reported = []
    together = measure(classifiers, few, reported.append)
    assert together[1] == measure(classifiers[1:], few)[0]
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

    def test_untouched_digits_are_read_as_its_card_says(self, model_id):
        found, metrics = load_robustness(model_id).counts, load_card(model_id).metrics
        for name, metric in (
            ("mnist_test", "test_accuracy"),
            ("bundled_digits", "bundled_digits_accuracy"),
        ):
            expected = metrics[metric].value * found[name].total
            assert found[name].untouched == pytest.approx(expected, abs=SLACK)

    def test_a_part_of_it_measured_again_gives_the_same(self, model_id, bundled_digits):
        counts = load_robustness(model_id).counts["bundled_digits"]
        classifier = load_classifier(model_id)
        for name, severity in (("rotate", 3), ("gaussian_noise", 2), ("occlusion", 5)):
            corruption = CORRUPTIONS[name]
            again = measure_amount(
                classifier, bundled_digits, corruption, corruption.amounts[severity - 1]
            )
            expected = counts.right[name][severity - 1]
            assert again.value * counts.total == pytest.approx(expected, abs=SLACK)


@pytest.mark.parametrize("corruption", CORRUPTIONS.values(), ids=lambda one: one.id)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_every_figure_of_a_model_measured_again_is_the_same(bundled_digits, corruption, severity):
    counts = load_robustness("numpy_dense").counts["bundled_digits"]
    again = measure_amount(
        load_classifier("numpy_dense"),
        bundled_digits,
        corruption,
        corruption.amounts[severity - 1],
    )
    expected = counts.right[corruption.id][severity - 1]
    assert again.value * counts.total == pytest.approx(expected, abs=SLACK)


@pytest.mark.usefixtures("mnist_test")
def test_a_trial_prints_and_writes_nothing(monkeypatch, capsys):
    monkeypatch.setattr(measuring, "save_robustness", lambda *_: pytest.fail("it was written"))
    assert main(["--model", "mlp", "--limit", "20"]) == 0
    assert "mlp" in capsys.readouterr().out


def test_the_command_keeps_what_it_measured(monkeypatch, bundled_digits):
    monkeypatch.setattr(measuring, "load_mnist", lambda _: replace(bundled_digits, id="mnist_test"))
    written = []
    monkeypatch.setattr(measuring, "save_robustness", written.append)
    assert main(["--model", "numpy_dense"]) == 0
    (found,) = written
    stored = load_robustness("numpy_dense")
    assert found.model_sha256 == stored.model_sha256
    untouched = stored.counts["bundled_digits"].untouched
    assert found.counts["bundled_digits"].untouched == pytest.approx(untouched, abs=SLACK)


def test_an_unknown_model_is_a_sentence_and_a_status(capsys):
    assert main(["--model", "nope"]) == 1
    assert "choices are" in capsys.readouterr().err
