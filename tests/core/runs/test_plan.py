import json

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs.layers import LayerPlan, describe_network, read_layers, write_layers
from core.runs.plan import (
    TrainingPlan,
    change_settings,
    check_models,
)
from core.runs.recipe import Recipe
from core.runs.run import Run, UnknownRunError, new_run_id, save_run
from core.synthesis.augmentation import HANDWRITING
from tests.core.runs.conftest import finish_run, make_run

# The plan in a run.json of an earlier version, literally.
FORMER_PLAN = """{
  "base": "cnn",
  "layers": [],
  "start_from": "cnn",
  "epochs": 3,
  "batch_size": 128,
  "optimizer": "adamax",
  "learning_rate": 0.001,
  "cosine_decay": false,
  "augmentation": true,
  "styles": false,
  "share": 0.2,
  "seed": 7,
  "drawings": 4,
  "sweep": "sweep_0123456789ab"
}"""

LAYERS = (
    LayerPlan("Conv2D", size=6, kernel=5),
    LayerPlan("MaxPooling2D"),
    LayerPlan("Conv2D", size=16, kernel=5),
    LayerPlan("AveragePooling2D"),
    LayerPlan("BatchNormalization"),
    LayerPlan("Dropout", rate=0.25),
    LayerPlan("Flatten"),
    LayerPlan("Dense", size=120),
)
# What LeNet-5 has, and four numbers a channel for the normalisation.
PARAMETERS = 34_622 + 4 * 16


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))


@pytest.mark.parametrize(
    "plan",
    [
        TrainingPlan(),
        TrainingPlan(
            architecture=None,
            layers=LAYERS,
            train_fraction=1,
            drawing_weight=20,
            recipe=Recipe(optimizer="sgd"),
        ),
        TrainingPlan(
            architecture="mlp",
            start_from="mlp",
            recipe=Recipe(cosine_decay=False, styles=False),
        ),
        TrainingPlan(training_data="bundled_digits", train_fraction=1, drawing_weight=2),
    ],
    ids=["standard", "layers", "tuned", "bundled digits"],
)
def test_a_plan_comes_back_from_json(plan):
    assert TrainingPlan.from_fields(json.loads(json.dumps(plan.to_fields()))) == plan


def test_a_plan_of_an_earlier_version_is_read_under_its_new_names():
    assert TrainingPlan.from_fields(json.loads(FORMER_PLAN)) == TrainingPlan(
        architecture="cnn",
        start_from="cnn",
        train_fraction=0.2,
        drawing_weight=4,
        recipe=Recipe(
            epochs=3,
            batch_size=128,
            optimizer="adamax",
            learning_rate=0.001,
            cosine_decay=False,
            augmentation=True,
            styles=False,
            seed=7,
        ),
        sweep="sweep_0123456789ab",
    )


def test_a_plan_of_an_earlier_version_with_layers_is_read():
    fields = json.loads(FORMER_PLAN) | {
        "base": None,
        "start_from": None,
        "layers": [
            {"kind": "Flatten", "size": 0, "kernel": 0, "rate": 0.0},
            {"kind": "Dense", "size": 30, "kernel": 0, "rate": 0.0},
        ],
    }
    plan = TrainingPlan.from_fields(fields)
    assert plan.layers == read_layers("Flatten_Dense.30")


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": None},
        {"training_data": "../drawings"},
        {"training_data": "bundled_digits", "train_fraction": 0.5},
        {"training_data": "my_drawings", "train_fraction": 1, "drawing_weight": 1},
        {"layers": LAYERS},
        {"architecture": "../mlp"},
        {"start_from": "LeNet-5"},
        {"epochs": 0},
        {"epochs": 101},
        {"epochs": 2.5},
        {"epochs": True},
        {"batch_size": 7},
        {"optimizer": "magic"},
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"train_fraction": 0},
        {"train_fraction": 1.1},
        {"train_fraction": "all"},
        {"seed": -1},
        {"drawing_weight": 21},
    ],
    ids=str,
)
def test_what_is_no_plan_is_refused(changes):
    with pytest.raises(ValueError, match=r"expected|must be"):
        change_settings(TrainingPlan(), **changes)


@pytest.mark.parametrize("fields", [{}, {"layers": [{"kind": "Dense"}]}, {"layers": [], "x": 1}])
def test_fields_that_do_not_fit_are_refused(fields):
    with pytest.raises(ValueError, match="expected"):
        TrainingPlan.from_fields(fields)


@pytest.mark.parametrize(
    "layer",
    [
        {"kind": "Lambda"},
        {"kind": "Conv2D", "size": 8},
        {"kind": "Conv2D", "size": 65, "kernel": 3},
        {"kind": "Conv2D", "size": 8, "kernel": 8},
        {"kind": "Dense"},
        {"kind": "Dense", "size": 513},
        {"kind": "Dense", "size": 10, "kernel": 3},
        {"kind": "Dropout"},
        {"kind": "Dropout", "rate": 1.0},
        {"kind": "Flatten", "size": 3},
    ],
    ids=str,
)
def test_what_is_no_layer_is_refused(layer):
    with pytest.raises(ValueError, match="expected"):
        LayerPlan(**layer)


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ("Dense.64", "layer dense_1 needs a Flatten layer before it"),
        ("Conv2D.8.3", "needs a Flatten layer; add one"),
        ("Flatten_Conv2D.8.3", "convolution_1 must be before Flatten"),
        ("Flatten_Flatten", "layer flatten must be before Flatten"),
        ("_".join(["MaxPooling2D"] * 5 + ["Flatten"]), "pooling_5 needs a larger image than 1×1"),
        ("_".join(["Conv2D.4.7"] * 5 + ["Flatten"]), "convolution_5 needs a larger image than 4×4"),
        ("_".join(["Conv2D.8.1"] * 16 + ["Flatten"]), "at most 16 layers"),
        ("Conv2D.64.3_Flatten_Dense.64", "at most 1,000,000 parameters"),
    ],
)
def test_layers_that_do_not_fit_each_other_are_refused(layers, reason):
    with pytest.raises(ValueError, match=reason):
        describe_network(read_layers(layers))


def test_layers_are_counted_and_shaped_one_by_one():
    network = describe_network(LAYERS)
    assert sum(layer.parameters for layer in network) == PARAMETERS
    assert [layer.output_shape for layer in network][:3] == [(28, 28, 1), (24, 24, 6), (12, 12, 6)]
    assert network[-1].output_shape == (10,)
    assert len({layer.name for layer in network}) == len(network)


def test_layers_come_back_from_a_link():
    assert read_layers(write_layers(LAYERS)) == LAYERS


@pytest.mark.parametrize("text", ["", "Dense", "Dense.x", "Conv2D.8.3_", "Lambda.1"])
def test_what_no_link_holds_is_refused(text):
    with pytest.raises(ValueError, match=r"expected|invalid"):
        read_layers(text)


@pytest.mark.parametrize("augmentation", [True, False])
@pytest.mark.parametrize("styles", [True, False])
def test_changes_are_what_was_asked_for(augmentation, styles):
    amounts = Recipe(augmentation=augmentation, styles=styles).applied_amounts
    if not augmentation and not styles:
        assert amounts is None
        return
    assert (amounts.rotation, amounts.bend, amounts.thickness) == (
        (HANDWRITING.rotation, HANDWRITING.bend, HANDWRITING.thickness)
        if augmentation
        else (0, 0, 0)
    )
    assert (amounts.styles, amounts.drawings, amounts.non_digits) == (
        (HANDWRITING.styles, HANDWRITING.drawings, HANDWRITING.non_digits) if styles else (0, 0, 0)
    )


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (TrainingPlan(architecture="committee"), "choices are cnn"),
        (TrainingPlan(architecture="lenet6"), "choices are cnn"),
        (TrainingPlan(architecture="mlp", start_from="lenet5"), "the same layers"),
        (TrainingPlan(architecture=None, layers=LAYERS, start_from="lenet5"), "the same layers"),
    ],
)
def test_models_that_are_not_there_or_do_not_fit_are_refused(plan, reason):
    with pytest.raises(ValueError, match=reason):
        check_models(plan, "anna")


def test_nobody_learns_from_somebody_elses_run_or_from_one_that_is_not_there():
    run = finish_run(make_run(owner="berta"))
    with pytest.raises(UnknownRunError):
        check_models(change_settings(TrainingPlan(), teachers=(run.id,)), "anna")
    check_models(change_settings(TrainingPlan(), teachers=(run.id,)), "berta")
    with pytest.raises(LookupError):
        check_models(change_settings(TrainingPlan(), teachers=(new_run_id(),)), "anna")


def test_nobody_starts_from_somebody_elses_run():
    run = Run(id=new_run_id(), name="Hers", plan=TrainingPlan().to_fields(), owner="berta")
    save_run(run)
    with pytest.raises(UnknownRunError):
        check_models(TrainingPlan(start_from=run.id), "anna")
