"""The sandbox: a separate process checks whether an untrusted LiteRT file is a classifier.

LiteRT is written in C++, and a malicious file could crash the process that opens it or exhaust its
memory. ``validate_in_sandbox`` opens the file in another process, with limits on time and memory
(on Windows, there is none on memory). The file may have only the operations of feed-forward
networks: no loops, no branches, no state and no custom operations.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from core.digits.frame import FRAME_SIZE
from core.inference.activations import list_operations, read_activations, read_first_layer
from core.inference.classifier import BATCH_SIZE, Classifier

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20
MAX_MEMORY_BYTES = 768 * 2**20  # of address space; our own models take 180 MB
# How many characters of the last line that the process printed are quoted.
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
    """Check a model in a separate process by predicting blank frames with it.

    Args:
        model: the contents of a LiteRT file.

    Raises:
        ValueError: it cannot be opened, is not a classifier of frames, or exceeds a limit.
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
    """The check itself, in this process; raises ValueError, or fails as LiteRT does."""
    interpreter = Interpreter(
        model_content=model,
        num_threads=1,
        # The default delegate would hide the operations that it replaces.
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    for details in (interpreter.get_input_details(), interpreter.get_output_details()):
        if len(details) != 1 or details[0]["dtype"] != np.float32:
            raise ValueError("it does not have one input and one output of 32-bit floats")
    names = {operation["op_name"] for operation in list_operations(interpreter)}
    if names - OPERATIONS:
        raise ValueError(f"it may not use {', '.join(sorted(names - OPERATIONS))}")
    blank = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    read_activations(model, blank)
    with suppress(ValueError):  # pages can do without images of the first layer's weights
        read_first_layer(model)
    classifier = Classifier("untrusted", "Untrusted", model)
    for count in (1, BATCH_SIZE):
        probabilities = classifier.probabilities(np.repeat(blank[None], count, axis=0))
        if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3) or probabilities.min() < 0:
            raise ValueError("its outputs are not probabilities")


def main() -> None:
    """Check the model on the standard input."""
    with suppress(ImportError):  # not on Windows
        import resource  # noqa: PLC0415  needed in this process alone

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    check_model(sys.stdin.buffer.read())


if __name__ == "__main__":
    main()
