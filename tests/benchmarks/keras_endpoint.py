"""The alternative to the API: an endpoint that calls ``model.predict``, as many projects do.

The models are the same, and so are the steps from a picture to a frame.
"""

from typing import Annotated

import keras
from fastapi import FastAPI, File, UploadFile

from core.digits.found_digits import list_digits
from core.digits.image_file import read_image
from core.inference.number import find_in_image
from core.models.files import ARTIFACTS_DIRECTORY, DEFAULT_MODEL_IDS, KERAS_FILE
from core.training import architectures  # noqa: F401  registers our own layer with Keras

models = {
    model_id: keras.saving.load_model(ARTIFACTS_DIRECTORY / model_id / KERAS_FILE, compile=False)
    for model_id in DEFAULT_MODEL_IDS
}
api = FastAPI()


@api.get("/health")
def check_health() -> None:
    """Responds once the models are loaded."""


@api.post("/predict")
def predict(files: Annotated[list[UploadFile], File()]) -> list[dict[str, list[float]]]:
    """The probabilities of each model for each picture."""
    frames = [list_digits(find_in_image(read_image(file.file.read())))[0].frame for file in files]
    return [
        {
            model_id: model.predict(frame[None], verbose=0)[0].tolist()
            for model_id, model in models.items()
        }
        for frame in frames
    ]
