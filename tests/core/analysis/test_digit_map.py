import numpy as np
import pytest

from core.analysis import digit_map
from core.analysis.digit_map import (
    PCA,
    T_SNE,
    DigitMap,
    lay_out_by_pca,
    lay_out_by_tsne,
    load_maps,
    save_maps,
)
from core.analysis.neighbours import Neighbour
from core.models.files import (
    LITERT_FILE,
    MAP_FILE,
    DamagedArtifactError,
    list_model_ids,
    load_card,
)
from tests.artifacts import copy_models


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A directory with a copy of the MLP that has no map."""
    copy_models(tmp_path, monkeypatch, "mlp")
    (tmp_path / "mlp" / MAP_FILE).unlink(missing_ok=True)
    return tmp_path


def test_pca_shows_the_two_directions_in_which_digits_differ_most(random):
    features = random.normal(size=(300, 20)).astype(np.float32)
    features[:, 3] *= 9
    features[:, 11] *= 5
    found = lay_out_by_pca(features)
    assert found.method == PCA
    for axis, column in ((0, 3), (1, 11)):
        assert abs(np.corrcoef(found.positions[:, axis], features[:, column])[0, 1]) > 0.98
    assert np.abs(found.positions).max() == pytest.approx(1)
    assert found.positions.min(axis=0) == pytest.approx(-found.positions.max(axis=0), abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("features", [1, 5])
def test_few_and_equal_digits_have_a_place_too(count, features):
    positions = lay_out_by_pca(np.ones((count, features), np.float32)).positions
    assert positions.tolist() == [[0, 0]] * count


def test_t_sne_keeps_groups_apart_and_always_gives_the_same_map(random):
    centres = np.repeat(np.eye(3, 60) * 20, 40, axis=0)
    features = (centres + random.normal(size=centres.shape)).astype(np.float32)
    found = lay_out_by_tsne(features)
    assert found.method == T_SNE
    assert np.array_equal(found.positions, lay_out_by_tsne(features).positions)
    groups = np.repeat(range(3), 40)
    distances = np.linalg.norm(found.positions[:, None] - found.positions, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (groups[distances.argmin(axis=1)] == groups).all()


def test_a_new_digit_is_nearest_to_its_most_similar_neighbour():
    one = DigitMap(T_SNE, np.array([(0, 0), (1, 0), (0, 1)], np.float32))
    assert one.place([Neighbour(1, 2.0), Neighbour(2, 2.0)]) == (0.5, 0.5)
    assert one.place([Neighbour(0, 1.0), Neighbour(1, 3.0)]) == pytest.approx((0.25, 0))
    assert one.place([Neighbour(2, 0.0), Neighbour(1, 3.0)]) == pytest.approx((0, 1), abs=1e-5)


def test_maps_are_kept_beside_their_model(models, random):
    assert load_maps("mlp", models) == {}
    maps = {name: DigitMap(T_SNE, random.uniform(-1, 1, (7, 2)).astype(np.float32))
            for name in ("mnist_test", "bundled_digits")}  # fmt: skip
    save_maps("mlp", load_card("mlp").files[LITERT_FILE], maps, models)
    loaded = load_maps("mlp", models)
    assert {*loaded} == {*maps}
    for name, one in maps.items():
        assert np.allclose(loaded[name].positions, one.positions, atol=1e-3)


def test_a_map_of_another_training_and_a_damaged_one_are_refused(models):
    path = save_maps("mlp", "0" * 64, {}, models)
    with pytest.raises(DamagedArtifactError, match="another training"):
        load_maps("mlp", models)
    for contents in (b"", path.read_bytes()[:-40], b"PK no archive"):
        path.write_bytes(contents)
        with pytest.raises(DamagedArtifactError, match="damaged"):
            load_maps("mlp", models)


@pytest.mark.parametrize("model_id", list_model_ids())
def test_a_built_in_model_has_a_map_of_all_digits(model_id):
    maps = load_maps(model_id)
    sizes = {name: one.positions.shape for name, one in maps.items()}
    assert sizes == {"mnist_test": (10_000, 2), "bundled_digits": (1797, 2)}
    for one in maps.values():
        assert np.abs(one.positions).max() == pytest.approx(1, abs=1e-3)


@pytest.mark.usefixtures("mnist_test")
def test_most_digits_on_a_map_are_beside_one_of_the_same_class(mnist_test):
    positions = load_maps("lenet5")["mnist_test"].positions[:2000]
    distances = np.linalg.norm(positions[:, None] - positions, axis=2)
    np.fill_diagonal(distances, np.inf)
    labels = mnist_test.labels[:2000]
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.95


def test_the_command_writes_the_maps_of_a_model(monkeypatch, capsys, bundled_digits):
    from core.runs.training_data import take

    few = take(bundled_digits, slice(40))
    monkeypatch.setattr(digit_map, "load_mnist", lambda _: few)
    monkeypatch.setattr(digit_map, "load_bundled_digits", lambda: few)
    saved = {}
    monkeypatch.setattr(digit_map, "save_maps", lambda *given: saved.update([given[::2]]))
    assert digit_map.main(["--model", "mlp"]) == 0
    assert saved["mlp"][few.id].positions.shape == (40, 2)
    assert digit_map.main(["--model", "nothing"]) == 1
    assert "There is no model 'nothing'" in capsys.readouterr().err
