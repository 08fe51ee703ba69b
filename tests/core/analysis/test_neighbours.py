import numpy as np
import pytest

from core.analysis.neighbours import find_nearest, find_neighbours, subtract_class_means


def test_a_digit_is_nearest_to_itself_and_the_others_follow_by_distance(bundled_digits):
    frame = bundled_digits.frame(17)
    found = find_neighbours(frame, bundled_digits, np.ones(len(bundled_digits), bool), count=6)
    assert (found[0].index, found[0].distance) == (17, pytest.approx(0, abs=1e-2))
    distances = np.linalg.norm((bundled_digits.frames - frame).reshape(-1, 784), axis=1)
    assert [neighbour.index for neighbour in found] == np.argsort(distances, kind="stable")[
        :6
    ].tolist()
    assert [neighbour.distance for neighbour in found[1:]] == pytest.approx(
        np.sort(distances)[1:6], abs=1e-3
    )


def test_only_candidates_are_found(bundled_digits):
    nines = bundled_digits.labels == 9
    found = find_neighbours(bundled_digits.frame(0), bundled_digits, nines)
    assert len(found) == 5
    assert all(bundled_digits.labels[neighbour.index] == 9 for neighbour in found)
    no_candidates = np.zeros(len(bundled_digits), bool)
    assert find_neighbours(bundled_digits.frame(0), bundled_digits, no_candidates) == []


def test_the_difference_of_class_means_shows_which_class_has_more_ink(bundled_digits):
    contrast = subtract_class_means(bundled_digits, 0, 1)
    assert contrast[14, 14] < -0.5  # a one has ink in the middle, a zero has none
    assert np.allclose(contrast, -subtract_class_means(bundled_digits, 1, 0))
    assert np.abs(contrast).max() <= 1


def test_the_nearest_vectors_are_those_of_the_smallest_distances(random):
    vectors = random.normal(size=(500, 30)).astype(np.float32)
    query = random.normal(size=30).astype(np.float32)
    distances = np.linalg.norm(vectors.astype(float) - query, axis=1)
    found = find_nearest(query, vectors)
    assert [neighbour.index for neighbour in found] == np.argsort(distances)[:5].tolist()
    assert [neighbour.distance for neighbour in found] == pytest.approx(np.sort(distances)[:5])
    assert len(find_nearest(query, vectors[:3])) == 3
