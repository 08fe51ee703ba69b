"""The labelled digits of the server arrive in the browser, and only once."""

import numpy as np

from core.digits.datasets import load_bundled_digits
from core.digits.frame import frames_from_bytes
from core.inference.browser_file import write_arrays

LOAD = """async () => {
  const [first, second] = await Promise.all([1, 2].map(() => live.loadSamples("digits")));
  const list = ({ frames, labels }) => ({ frames: [...frames], labels: [...labels] });
  return {
    title: first.title,
    rehearsal: list(first.rehearsal),
    heldOut: list(first.heldOut),
    isSame: first === second,
    count: performance.getEntriesByName(new URL("digits", document.baseURI).href).length,
  };
}"""


def test_the_digits_are_fetched_once_and_are_those_of_the_file(live):
    digits = load_bundled_digits()
    parts = {"rehearsal": slice(0, 30), "held_out": slice(30, 71)}
    arrays = {}
    for part, chosen in parts.items():
        arrays[f"{part}_images"] = digits.images[chosen]
        arrays[f"{part}_labels"] = digits.labels[chosen]
    live.add_file("digits", write_arrays(arrays, {"title": digits.title}))
    found = live.page.evaluate(LOAD)
    assert (found["title"], found["isSame"], found["count"]) == (digits.title, True, 1)
    for name, chosen in zip(("rehearsal", "heldOut"), parts.values(), strict=True):
        expected = frames_from_bytes(digits.images[chosen]).ravel()
        np.testing.assert_array_equal(np.array(found[name]["frames"], np.float32), expected)
        assert found[name]["labels"] == digits.labels[chosen].tolist()
