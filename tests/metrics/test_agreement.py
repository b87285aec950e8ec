"""Agreement of two maps: of a map with itself, its opposite, another one, none."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from xaiteach.metrics import agreement

A, B = np.random.default_rng(0).normal(size=(2, 3, 8, 12))


@pytest.mark.parametrize(("kind", "opposite"), [("rank", -1), ("top", 0)])
def test_a_map_agrees_with_itself_and_not_with_its_opposite_and_only_the_order_counts(kind, opposite):
    np.testing.assert_allclose(agreement(A, A, kind=kind), 1)
    np.testing.assert_allclose(agreement(A, -A, kind=kind), opposite)
    np.testing.assert_allclose(agreement(A, B, kind=kind), agreement(1e-9 * A**3, B - 4, kind=kind))


def test_the_rank_correlation_is_spearman_s_of_the_signed_values():
    tied = np.round(B)
    expected = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(A, tied, strict=True)]
    np.testing.assert_allclose(agreement(A, tied), expected)
    assert agreement(A[0], tied[0]) == pytest.approx(expected[0])


@pytest.mark.parametrize(("top", "share"), [(0.4, 0.5), (0.2, 0), (0.37, 0.5)])
def test_the_top_is_shared_in_part(top, share):
    """Of 0.37, four of ten pixels count, not three."""
    first, second = np.zeros((2, 1, 10))
    first[0, [1, 2, 3, 4]] = second[0, [3, 4, 5, 6]] = [4, 3, 2, 1]
    assert agreement(first, second, kind="top", top=top) == pytest.approx(share)
    assert agreement(first, first, kind="top", top=0.01) == 1, "one pixel at least"


def test_chance_is_0_and_the_share_of_the_top():
    maps, others = np.random.default_rng(1).normal(size=(2, 200, 10, 10))
    assert agreement(maps, others).mean() == pytest.approx(0, abs=0.02)
    assert agreement(maps, others, kind="top", top=0.3).mean() == pytest.approx(0.3, abs=0.02)
    flat = np.zeros((10, 10))
    assert agreement(maps[0], flat) == 0
    shared = [agreement(flat, flat, kind="top", top=0.3, seed=seed) for seed in range(40)]
    assert np.mean(shared) == pytest.approx(0.3, abs=0.03) and len(set(shared)) > 1


@pytest.mark.parametrize(
    ("others", "options", "words"),
    [
        (B[:2], {}, "want two of the same"),
        (np.full_like(A, np.nan), {}, "NaN"),
        (B, {"kind": "cosine"}, "kind='cosine'; want"),
        (B, {"kind": "top", "top": 0}, "top=0; want a share"),
        (B, {"kind": "top", "top": 1.1}, "top=1.1; want a share"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(others, options, words):
    with pytest.raises(ValueError, match=words):
        agreement(A, others, **options)
