"""Decoding memory: what a picture takes, and that all together take no more than the limit."""

import io
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from core.digits.decoding_memory import MAX_BYTES, MemoryLimit, estimate_bytes
from core.digits.image_file import MAX_SIDE, TooLargeImageError, read_image
from tests.messages import assert_plain
from tests.servers import ROOT

SECONDS = 20
# Prints by how many bytes the peak rises while the file is read, after a first small one.
MEASURE = """
import sys
from core.digits.image_file import open_image
def status(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))
small, large = (open(name, "rb").read() for name in sys.argv[1:])
with open_image(small):
    pass
rest = status("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
with open_image(large):
    pass
print(status("VmHWM") - rest)
"""


def encode(picture: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def estimate(contents: bytes) -> int:
    return estimate_bytes(Image.open(io.BytesIO(contents)), contents, side=MAX_SIDE)


def test_those_who_wait_get_memory_in_their_order_and_never_too_much():
    limit = MemoryLimit(100)
    taken, most, order = 0, 0, []
    guard = threading.Lock()
    started = threading.Semaphore(0)

    def work(number: int) -> None:
        nonlocal taken, most
        with limit.hold(60 if number % 2 else 40):
            order.append(number)
            with guard:
                taken += 60 if number % 2 else 40
                most = max(most, taken)
            started.release()
            threading.Event().wait(0.01)
            with guard:
                taken -= 60 if number % 2 else 40

    with ThreadPoolExecutor(8) as threads:
        with limit.hold(100):
            waiting = []
            for number in range(8):
                waiting.append(threads.submit(work, number))
                while len(limit._waiting) <= number:
                    threading.Event().wait(0.001)
        for one in waiting:
            one.result(SECONDS)
    assert order == sorted(order)
    assert most <= 100


def test_more_than_there_is_takes_all_of_it():
    limit = MemoryLimit(100)
    with limit.hold(1000):
        pass
    with limit.hold(100):
        pass


def test_memory_is_free_again_after_an_error():
    limit = MemoryLimit(100)
    with pytest.raises(ValueError, match="damaged"), limit.hold(100):
        raise ValueError("damaged")
    with limit.hold(100):
        pass


def test_progressive_and_several_scans_take_the_memory_of_all_coefficients():
    picture = Image.new("RGB", (4000, 3000))
    sequential = estimate(encode(picture, "JPEG"))
    for subsampling, share in (("4:4:4", 3), ("4:2:0", 1.5)):
        whole = encode(picture, "JPEG", progressive=True, subsampling=subsampling)
        assert estimate(whole) - sequential == pytest.approx(2 * share * 12_000_000)


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("WEBP", {"quality": 1, "method": 0}),
        ("JPEG", {"progressive": True, "subsampling": "4:4:4"}),
    ],
)
def test_what_takes_too_much_memory_is_refused_in_a_sentence(file_format, options):
    contents = encode(Image.new("RGB", (7300, 5400)), file_format, **options)
    with pytest.raises(TooLargeImageError, match="save it as PNG") as refused:
        read_image(contents)
    assert_plain(str(refused.value))


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize(
    ("file_format", "mode", "size", "options"),
    [
        ("JPEG", "RGB", (7300, 5400), {}),
        ("JPEG", "RGB", (6000, 4000), {"progressive": True}),
        ("PNG", "RGBA", (7300, 5400), {"compress_level": 1}),
        ("PNG", "P", (7300, 5400), {"compress_level": 1}),
        ("WEBP", "RGB", (4032, 3024), {"quality": 1, "method": 0}),
        ("TIFF", "RGB", (6000, 4000), {"compression": "tiff_lzw"}),
    ],
)
def test_a_large_picture_takes_no_more_than_its_limit(tmp_path, file_format, mode, size, options):
    small, large = tmp_path / "small", tmp_path / "large"
    picture = Image.new("RGB", size, (250, 240, 230)).convert(mode)
    large.write_bytes(encode(picture, file_format, **options))
    small.write_bytes(encode(picture.resize((40, 30)), file_format, **options))
    command = [sys.executable, "-c", MEASURE, str(small), str(large)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rise = int(answer.stdout)
    assert rise <= MAX_BYTES
    assert rise <= 1.15 * estimate(large.read_bytes()) + 15_000_000
