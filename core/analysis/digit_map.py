"""Maps: the digits of a data set in two dimensions, by the features that a model sees in them.

Digits with similar features are near to each other. The features are those of
``core.inference.features``. ``python -m core.analysis.digit_map`` lays out the MNIST test set and
the bundled digits for every built-in model by t-SNE, which takes minutes, and stores the positions
beside the model. For other digits and models there is PCA, which takes less than a second.

L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", JMLR 9 (2008). This module does not
know how a map is shown.
"""

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.analysis.neighbours import Neighbour
from core.atomic_files import replace_file
from core.digits.datasets import DamagedDatasetError, load_bundled_digits, load_mnist
from core.inference.features import FeatureExtractor
from core.models.files import (
    LITERT_FILE,
    MAP_FILE,
    DamagedArtifactError,
    list_model_ids,
    load_card,
    locate_model,
    read_unchecked,
    read_with_card,
)

COMMAND = "python -m core.analysis.digit_map"
T_SNE, PCA = "t-SNE", "PCA"
SEED = 0
PERPLEXITY = 30
# t-SNE is computed from so many principal components, as its authors did.
COMPONENTS = 50
# A weight is the reciprocal of a distance, which may be 0.
MIN_DISTANCE = 1e-6

Positions = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DigitMap:
    """Where the digits of a data set are.

    Attributes:
        method: ``T_SNE`` or ``PCA``.
        positions: ``(N, 2)``, both coordinates in −1…1, in the data set's order.
    """

    method: str
    positions: Positions

    def __post_init__(self) -> None:
        if self.positions.ndim != 2 or self.positions.shape[1] != 2:
            raise ValueError(f"expected positions (N, 2), got {self.positions.shape}")

    def place(self, neighbours: Sequence[Neighbour]) -> tuple[float, float]:
        """The place of a digit that is not on the map: the mean of its neighbours' positions.

        Args:
            neighbours: the digits of the map with the most similar features, at least one. The
                nearer one is, the more it counts: its weight is the reciprocal of its distance.
        """
        weights = [1 / max(neighbour.distance, MIN_DISTANCE) for neighbour in neighbours]
        found = self.positions[[neighbour.index for neighbour in neighbours]]
        x, y = np.average(found, axis=0, weights=weights)
        return float(x), float(y)


def lay_out_by_pca(features: npt.NDArray[np.float32]) -> DigitMap:
    """The two principal components of features ``(N, F)``."""
    return DigitMap(PCA, _fit_to_square(_reduce(features, 2)))


def lay_out_by_tsne(features: npt.NDArray[np.float32]) -> DigitMap:
    """The t-SNE of features ``(N, F)``, of more than ``PERPLEXITY`` digits."""
    from sklearn.manifold import TSNE  # noqa: PLC0415  takes a second that few processes need

    layout = TSNE(perplexity=PERPLEXITY, init="pca", random_state=SEED, n_jobs=1)
    return DigitMap(T_SNE, _fit_to_square(layout.fit_transform(_reduce(features, COMPONENTS))))


def load_maps(model_id: str, directory: Path | None = None) -> Mapping[str, DigitMap]:
    """The stored maps of a model by the id of their data set; none where none was stored.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: the file cannot be read, or belongs to another model.
    """
    expected = load_card(model_id, directory).files.get(LITERT_FILE)
    contents = read_unchecked(model_id, MAP_FILE, directory)
    if contents is None:
        return {}
    advice = f"Run `{COMMAND} --model {model_id}` to compute it again."
    try:
        with np.load(io.BytesIO(contents), allow_pickle=False) as arrays:
            digest = str(arrays["model_sha256"])
            maps = {
                name: DigitMap(T_SNE, arrays[name].astype(np.float32))
                for name in arrays.files
                if name != "model_sha256"
            }
    except (KeyError, ValueError, EOFError, OSError, BadZipFile) as error:
        damage = DamagedArtifactError(f"The file {MAP_FILE} of {model_id} is damaged. {advice}")
        damage.add_note(repr(error))
        raise damage from error
    if digest != expected:
        raise DamagedArtifactError(
            f"The file {MAP_FILE} of {model_id} belongs to another training of the model. {advice}"
        )
    return maps


def save_maps(
    model_id: str, model_sha256: str, maps: Mapping[str, DigitMap], directory: Path | None = None
) -> Path:
    """Write maps beside their model, in 16 bits, in place of older ones; returns the path.

    Args:
        model_id: of the model.
        model_sha256: of its LiteRT file.
        maps: by the id of their data set.
        directory: where models are; by default, where those of this kind are.
    """
    path = locate_model(model_id, directory) / MAP_FILE
    arrays: dict[str, Any] = {name: one.positions.astype(np.float16) for name, one in maps.items()}
    with replace_file(path) as temporary:
        np.savez_compressed(temporary, model_sha256=np.array(model_sha256), **arrays)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Lay out the digits of each model's map by t-SNE."
    )
    parser.add_argument(
        "--model", action="append", metavar="ID", help="only this model; repeatable"
    )
    options = parser.parse_args(arguments)
    try:
        datasets = [load_mnist("test"), load_bundled_digits()]
        for model_id in options.model or list_model_ids():
            card, model = read_with_card(model_id, LITERT_FILE)
            extractor = FeatureExtractor(model)
            maps = {one.id: lay_out_by_tsne(extractor.run(one.frames)) for one in datasets}
            print(save_maps(model_id, card.files[LITERT_FILE], maps))
    except (FileNotFoundError, DamagedArtifactError, DamagedDatasetError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _reduce(features: npt.NDArray[np.float32], components: int) -> npt.NDArray[np.float32]:
    """The first principal components; fewer where there are not so many, but at least two."""
    from sklearn import decomposition  # noqa: PLC0415  as above

    count = min(components, *features.shape)
    if len(features) > 1:
        with np.errstate(invalid="ignore"):  # all digits may be the same
            features = decomposition.PCA(count, random_state=SEED).fit_transform(features)
    return np.pad(features[:, :count], ((0, 0), (0, max(0, 2 - count))))


def _fit_to_square(positions: npt.NDArray[np.float32]) -> Positions:
    """Positions with their middle at 0 and the largest coordinate at 1 or −1."""
    centred = positions - (positions.min(axis=0) + positions.max(axis=0)) / 2
    return (centred / max(float(np.abs(centred).max()), MIN_DISTANCE)).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
