"""The sandbox: a process of its own that checks whether a stranger's LiteRT file is a classifier.

LiteRT is written in C++, and a hostile file could crash the process that opens it or exhaust its
memory. ``validate_in_sandbox`` opens the file in another process, with little time and little
memory (Windows sets no limit on memory). The file may hold only the operations of feed-forward
networks: none that loops, branches, keeps state or is custom.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from core.digits.frame import FRAME_SIZE
from core.inference.activations import read_activations, read_first_layer
from core.inference.classifier import BATCH_SIZE, Classifier

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20
MAX_MEMORY_BYTES = 768 * 2**20  # bytes of addresses; our own models take 180 MB of them
# Of what the process says last, so much is quoted.
MAX_REASON_LENGTH = 200
OPERATIONS = {
    "ABS", "ADD", "AVERAGE_POOL_2D", "BATCH_MATMUL", "CONCATENATION", "CONV_2D",
    "DEPTHWISE_CONV_2D", "DEQUANTIZE", "DIV", "ELU", "EXPAND_DIMS", "FULLY_CONNECTED", "GELU",
    "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM", "MUL",
    "NEG", "PACK", "PAD", "PADV2", "PRELU", "RELU", "RELU6", "RESHAPE", "RSQRT", "SHAPE",
    "SOFTMAX", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "SQUEEZE", "STRIDED_SLICE", "SUB", "SUM",
    "TANH", "TRANSPOSE",
}  # fmt: skip


def validate_in_sandbox(model: bytes) -> None:
    """Read blank frames with a model.

    Args:
        model: the contents of a LiteRT file.

    Raises:
        ValueError: it cannot be opened, is no classifier of frames, or takes too much.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.inference.sandbox"],
            input=model,
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(
            f"This model takes longer than {SECONDS} seconds for one digit. Use a smaller model."
        ) from error
    if done.returncode:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
        reason = last.rpartition("Error: ")[2][:MAX_REASON_LENGTH] or "LiteRT crashed"
        raise ValueError(f"This LiteRT file is not a model that classifies digits ({reason}).")


def check_model(model: bytes) -> None:
    """What the other process does; raises ValueError, or fails as LiteRT does."""
    interpreter = Interpreter(
        model_content=model,
        num_threads=1,
        # The default delegate would hide the operations that it takes over.
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    for details in (interpreter.get_input_details(), interpreter.get_output_details()):
        if len(details) != 1 or details[0]["dtype"] != np.float32:
            raise ValueError("it does not have one input and one output of 32-bit floats")
    names = {operation["op_name"] for operation in interpreter._get_ops_details()}
    if names - OPERATIONS:
        raise ValueError(f"it may not use {', '.join(sorted(names - OPERATIONS))}")
    blank = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    read_activations(model, blank)
    with suppress(ValueError):  # pages do without where the first layer reads no picture
        read_first_layer(model)
    classifier = Classifier("trial", "Trial", model)
    for count in (1, BATCH_SIZE):
        probabilities = classifier.probabilities(np.repeat(blank[None], count, axis=0))
        if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3) or probabilities.min() < 0:
            raise ValueError("its outputs are not probabilities")


def main() -> None:
    """Try the model that comes on the standard input."""
    with suppress(ImportError):  # Windows has none
        import resource  # noqa: PLC0415  needed in this process alone

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    check_model(sys.stdin.buffer.read())


if __name__ == "__main__":
    main()
