import json
from dataclasses import replace

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs.layers import LayerPlan, describe_network, read_layers, write_layers
from core.runs.plan import (
    TrainingPlan,
    check_models,
    describe_plan,
    list_trainable,
    propose_plan,
)
from core.runs.run import Run, UnknownRunError, new_run_id, save_run
from core.synthesis.augmentation import HANDWRITING

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
        TrainingPlan(base=None, layers=LAYERS, optimizer="sgd", share=1, drawings=20),
        TrainingPlan(base="mlp", start_from="mlp", cosine_decay=False, styles=False),
    ],
    ids=["standard", "layers", "tuned"],
)
def test_a_plan_comes_back_from_json(plan):
    assert TrainingPlan.from_fields(json.loads(json.dumps(plan.to_fields()))) == plan


@pytest.mark.parametrize(
    "changes",
    [
        {"base": None},
        {"layers": LAYERS},
        {"base": "../mlp"},
        {"start_from": "LeNet-5"},
        {"epochs": 0},
        {"epochs": 101},
        {"epochs": 2.5},
        {"epochs": True},
        {"batch_size": 7},
        {"optimizer": "magic"},
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"share": 0},
        {"share": 1.1},
        {"share": "all"},
        {"seed": -1},
        {"drawings": 21},
    ],
    ids=str,
)
def test_what_is_no_plan_is_refused(changes):
    with pytest.raises(ValueError, match="expected"):
        replace(TrainingPlan(), **changes)


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
        ("Dense.64", "Flatten before dense_1"),
        ("Conv2D.8.3", "Flatten somewhere"),
        ("Flatten_Conv2D.8.3", "convolution_1 before Flatten"),
        ("Flatten_Flatten", "flatten before Flatten"),
        ("_".join(["MaxPooling2D"] * 5 + ["Flatten"]), "large enough for pooling_5"),
        ("_".join(["Conv2D.4.7"] * 5 + ["Flatten"]), "large enough for convolution_5"),
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
    amounts = replace(TrainingPlan(), augmentation=augmentation, styles=styles).amounts
    if not augmentation and not styles:
        assert amounts is None
        return
    assert (amounts.rotation, amounts.bend, amounts.thickness) == (
        (HANDWRITING.rotation, HANDWRITING.bend, HANDWRITING.thickness)
        if augmentation
        else (0, 0, 0)
    )
    assert (amounts.styles, amounts.drawings, amounts.scribbles) == (
        (HANDWRITING.styles, HANDWRITING.drawings, HANDWRITING.scribbles) if styles else (0, 0, 0)
    )


def test_bases_are_what_keras_trained_and_each_has_a_plan_to_begin_with():
    bases = list_trainable()
    assert {"lenet5", "logistic_regression", "mlp"} <= set(bases)
    assert not {"committee", "numpy_dense"} & set(bases)
    for model_id, card in bases.items():
        plan = propose_plan(card)
        check_models(plan, None)
        assert plan.base == model_id
        assert sum(one.parameters for one in describe_plan(plan)) == card.parameter_count
    assert not propose_plan(bases["logistic_regression"]).augmentation
    assert propose_plan(bases["lenet5"]).augmentation


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (TrainingPlan(base="committee"), "choices are cnn"),
        (TrainingPlan(base="lenet6"), "choices are cnn"),
        (TrainingPlan(base="mlp", start_from="lenet5"), "the same layers"),
        (TrainingPlan(base=None, layers=LAYERS, start_from="lenet5"), "the same layers"),
    ],
)
def test_models_that_are_not_there_or_do_not_fit_are_refused(plan, reason):
    with pytest.raises(ValueError, match=reason):
        check_models(plan, "anna")


def test_nobody_starts_from_somebody_elses_run():
    run = Run(id=new_run_id(), name="Hers", plan=TrainingPlan().to_fields(), owner="berta")
    save_run(run)
    with pytest.raises(UnknownRunError):
        check_models(TrainingPlan(start_from=run.id), "anna")
