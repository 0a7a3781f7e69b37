from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sim.line.flaws import Flaws
from sim.line.rows import ProductRow

SHARES = {"open": 0.05, "short": 0.2, "spur": 0.1}
N = 40_000


def drawn(flaws: Flaws, product: int = 0, extra: float = 0.0) -> Counter[tuple[str, ...]]:
    rng = np.random.default_rng(7)
    return Counter(flaws.draw(rng, product, extra) for _ in range(N))


def share(found: Counter[tuple[str, ...]], *names: str) -> float:
    return sum(count for piece, count in found.items() if set(names) <= set(piece)) / N


def test_each_defect_has_its_share_and_they_are_independent() -> None:
    found = drawn(Flaws(SHARES, [ProductRow("a")]))
    four_sigma = 4 * 0.5 / N**0.5
    for name, wanted in SHARES.items():
        assert share(found, name) == pytest.approx(wanted, abs=four_sigma)
    assert share(found, "open", "short") == pytest.approx(0.01, abs=0.002)
    assert share(found, "short", "spur") == pytest.approx(0.02, abs=0.003)
    assert found[()] / N == pytest.approx(0.95 * 0.8 * 0.9, abs=four_sigma)


def test_a_product_has_factors_and_a_share_above_one_is_all() -> None:
    flaws = Flaws(
        SHARES, [ProductRow("a", defects={"short": 0.0, "open": 2.0}), ProductRow("b", defects={"open": 99})]
    )
    found = drawn(flaws)
    assert share(found, "open") == pytest.approx(0.1, abs=0.006)
    assert share(found, "short") == 0
    assert share(drawn(flaws, 1), "open") == 1


def test_what_comes_on_top_is_parted_like_the_shares() -> None:
    """Of 0.07 on top the short gets 0.2 of 0.35."""
    found = drawn(Flaws(SHARES, [ProductRow("a")]), extra=0.07)
    assert share(found, "open") == pytest.approx(0.05 + 0.07 * 0.05 / 0.35, abs=0.006)
    assert share(found, "short") == pytest.approx(0.2 + 0.07 * 0.2 / 0.35, abs=0.01)


def test_shares_of_zero_are_hit_by_nothing_but_what_comes_on_top() -> None:
    flaws = Flaws({"open": 0.0, "short": 0.0}, [ProductRow("a")])
    assert set(drawn(flaws)) == {()}
    found = drawn(flaws, extra=0.1)
    assert share(found, "open") == pytest.approx(0.05, abs=0.006)
    assert share(found, "short") == pytest.approx(0.05, abs=0.006)
