"""A LiteRT network that threads share."""

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from core.inference.fair_lock import FairLock

# A larger batch is no faster. With this one, feature maps stay in a few MB, and another thread that
# predicts a single frame waits 30 ms at most, behind the largest model.
BATCH_SIZE = 64


class Network:
    """An interpreter and its lock."""

    def __init__(self, model: bytes, *, threads: int = 1) -> None:
        """Build the interpreter from the contents of a LiteRT file; it computes on ``threads``."""
        self._interpreter = Interpreter(model_content=model, num_threads=threads)
        self._input = self._interpreter.get_input_details()[0]["index"]
        output = self._interpreter.get_output_details()[0]
        self._output, self._outputs = output["index"], int(output["shape"][-1])
        self._batch_size = 0
        # An interpreter holds the tensors of the call in progress, and every session of the page
        # server is a thread of its own.
        self._lock = FairLock()

    def run(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The outputs, ``(N, K)``, for frames ``(N, 28, 28)``.

        The lock is held for one batch at a time: a thread that predicts a single frame waits for
        the batch in progress, not for all batches of a long evaluation.
        """
        result = np.empty((len(frames), self._outputs), np.float32)
        for start in range(0, len(frames), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            with self._lock:
                result[part] = self._run_batch(frames[part])
        return result

    def _run_batch(self, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if len(batch) != self._batch_size:  # takes 0.2 ms, 1 ms for the largest model
            self._interpreter.resize_tensor_input(self._input, batch.shape)
            self._interpreter.allocate_tensors()
            self._batch_size = len(batch)
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)
