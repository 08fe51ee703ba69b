"""Speed: ``python -m tests.benchmarks.bench_speed`` compares Digit Lab with plain Keras.

Both run within the same minutes on the same machine, so that the ratios hold on other machines too.
The table goes to the screen and to ``speed.md`` beside this file. The exit status is 1 when a ratio
misses its limit.
"""

import http.client
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image, ImageDraw

from core.digits.frame import frame_from_strokes
from core.digits.strokes import Stroke
from core.inference.classifier import load_classifier
from core.models.files import ARTIFACTS_DIRECTORY, DEFAULT_MODEL_IDS, KERAS_FILE
from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine
from tests.servers import find_free_port, start_process, stop_process

REPORT = Path(__file__).with_name("speed.md")
PAD_SIDE = 280
DRAWINGS = 200
KERAS_DRAWINGS = 20
SECONDS = 8.0
CONCURRENCIES = (1, 8, 32)
MIN_READING_RATIO = 50
MIN_REQUEST_RATIO = 20  # at PROMISED_CONCURRENCY
PROMISED_CONCURRENCY = 8
BOUNDARY = "digitlab"


@dataclass(frozen=True)
class Load:
    """How a server responded to a number of clients at the same time.

    Attributes:
        rate: responses a second.
        median: milliseconds from request to response; half of the requests took less.
        slowest: the same for 99 of 100.
    """

    rate: float
    median: float
    slowest: float


def draw_drawings(count: int) -> list[list[Stroke]]:
    """Generated drawings, every digit equally often."""
    random = np.random.default_rng(1)
    return [draw_sample(i % 10, canvas_size=PAD_SIDE, random=random) for i in range(count)]


def time_each(call: Callable[[list[Stroke]], object], drawings: Sequence[list[Stroke]]) -> float:
    """The median milliseconds of a call for each drawing, after one call to warm up."""
    call(drawings[0])
    seconds = []
    for drawing in drawings:
        started = perf_counter()
        call(drawing)
        seconds.append(perf_counter() - started)
    return 1000 * float(np.median(seconds))


def measure_reading() -> tuple[float, float]:
    """Milliseconds from strokes to the probabilities of three models: Keras, and Digit Lab."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    from core.training import architectures  # noqa: F401  registers our own layer with Keras

    models = [
        keras.saving.load_model(ARTIFACTS_DIRECTORY / one / KERAS_FILE, compile=False)
        for one in DEFAULT_MODEL_IDS
    ]
    classifiers = [load_classifier(one) for one in DEFAULT_MODEL_IDS]
    drawings = draw_drawings(DRAWINGS)

    def read_with_keras(strokes: list[Stroke]) -> list[np.ndarray]:
        frame = frame_from_strokes(strokes)
        return [model.predict(frame[None], verbose=0) for model in models]

    def read_here(strokes: list[Stroke]) -> list[object]:
        frame = frame_from_strokes(strokes)
        return [classifier.predict(frame) for classifier in classifiers]

    return time_each(read_with_keras, drawings[:KERAS_DRAWINGS]), time_each(read_here, drawings)


def encode_uploads(count: int) -> list[bytes]:
    """Multipart bodies of one PNG each, dark on white."""
    bodies = []
    for strokes in draw_drawings(count):
        picture = Image.new("L", (PAD_SIDE, PAD_SIDE), 255)
        for stroke in strokes:
            line = [(float(x), float(y)) for x, y in stroke]
            ImageDraw.Draw(picture).line(line, fill=0, width=18, joint="curve")
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="digit.png"'
            "\r\nContent-Type: image/png\r\n\r\n"
        )
        bodies.append(head.encode() + buffer.getvalue() + f"\r\n--{BOUNDARY}--\r\n".encode())
    return bodies


@contextmanager
def serve(application: str) -> Iterator[int]:
    """Run an ASGI application in a process of its own; yields its port once it is healthy."""
    port = find_free_port()
    process = start_process(
        ["uvicorn", application, f"--port={port}", "--log-level=error", "--no-access-log"],
        health=f"http://127.0.0.1:{port}/health",
        environment={"DIGITLAB_API_MAX_REQUESTS_PER_SECOND": "0"},
    )
    try:
        yield port
    finally:
        stop_process(process)


def load_server(port: int, bodies: Sequence[bytes], concurrency: int) -> Load:
    """Send uploads for ``SECONDS`` from several clients, each on a connection of its own."""
    times: list[float] = []
    deadline = perf_counter() + SECONDS

    def send(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        index = first
        while perf_counter() < deadline:
            started = perf_counter()
            connection.request("POST", "/predict", bodies[index % len(bodies)], headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise RuntimeError(f"expected an answer of 200, got {answer.status}")
            times.append(perf_counter() - started)
            index += concurrency
        connection.close()

    threads = [threading.Thread(target=send, args=(first,)) for first in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    median, slowest = np.percentile(times, [50, 99]) * 1000
    return Load(len(times) / SECONDS, float(median), float(slowest))


def measure_requests() -> dict[int, tuple[Load, Load]]:
    """The loads of the Keras endpoint and of the API, by the number of clients."""
    bodies = encode_uploads(100)
    measured = {}
    with serve("tests.benchmarks.keras_endpoint:api") as port:
        keras_loads = [load_server(port, bodies, one) for one in CONCURRENCIES]
    with serve("core.api:api") as port:
        loads = [load_server(port, bodies, one) for one in CONCURRENCIES]
    for concurrency, alternative, ours in zip(CONCURRENCIES, keras_loads, loads, strict=True):
        measured[concurrency] = (alternative, ours)
    return measured


def write_report(reading: tuple[float, float], requests: dict[int, tuple[Load, Load]]) -> str:
    """Both tables, in Markdown."""
    keras_ms, ours_ms = reading
    lines = [
        "| From strokes to the probabilities of three models | Median, ms |",
        "|---|---|",
        f"| `keras_model.predict` | {keras_ms:.1f} |",
        f"| Digit Lab | {ours_ms:.2f} |",
        f"| **Ratio** | **{keras_ms / ours_ms:.0f}** |",
        "",
        "| PNG uploads, clients | Keras, requests/s | Keras, p50 / p99, ms "
        "| Digit Lab, requests/s | Digit Lab, p50 / p99, ms | **Ratio** |",
        "|---|---|---|---|---|---|",
    ]
    for concurrency, (alternative, ours) in requests.items():
        lines.append(
            f"| {concurrency} | {alternative.rate:.1f} | {alternative.median:.0f} / "
            f"{alternative.slowest:.0f} | {ours.rate:.0f} | {ours.median:.1f} / "
            f"{ours.slowest:.1f} | **{ours.rate / alternative.rate:.0f}** |"
        )
    return "\n".join(lines) + "\n"


def find_shortfalls(
    reading: tuple[float, float], requests: dict[int, tuple[Load, Load]]
) -> list[str]:
    """A sentence for every ratio that misses its limit."""
    alternative, ours = requests[PROMISED_CONCURRENCY]
    ratios = (
        ("reading strokes", reading[0] / reading[1], MIN_READING_RATIO),
        (
            f"requests from {PROMISED_CONCURRENCY} clients",
            ours.rate / alternative.rate,
            MIN_REQUEST_RATIO,
        ),
    )
    return [
        f"expected {name} to be {least} times as fast as with Keras, got {ratio:.1f} times"
        for name, ratio, least in ratios
        if ratio < least
    ]


def main() -> int:
    """Run the benchmark; returns the exit status."""
    requests = measure_requests()
    reading = measure_reading()
    report = write_report(reading, requests)
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(reading, requests)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast predictions are\n\n"
        "Written by `make bench`: Digit Lab and plain Keras on the same machine within the same\n"
        "minutes. The clients run on the same machine as the server and take part of its\n"
        "processor time, so compare the ratios rather than the rates.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
