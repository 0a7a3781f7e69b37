"""The checks every law passes, and for each law the distribution of lives it is known for."""

from __future__ import annotations

import math
import pkgutil
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

import sim.degradation
from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.law import F64, Law
from sim.degradation.lognormal_life import MOST
from sim.degradation.never import NEVER
from sim.degradation.paris_crack import ParisCrack, cycles_between
from sim.degradation.shock_wear import ShockWear
from sim.degradation.weibull_sudden import WeibullSudden

LAWS: dict[str, Law] = {
    "exponential": ExponentialGrowth(800.0, spread=0.4, growth=4.0),
    "exponential, bent": ExponentialGrowth(800.0, growth=40.0),
    "paris": ParisCrack(4000.0, spread=0.3),
    "paris, m above 2": ParisCrack(4000.0, exponent=3.6, initial_mm=1.0, critical_mm=8.0),
    "paris, m below 2": ParisCrack(4000.0, exponent=1.5),
    "shocks": ShockWear(500.0, shock_share=0.5, shocks=6.0),
    "shocks, mostly": ShockWear(500.0, shock_share=0.95, shocks=2.0),
    "gamma": GammaWear(2000.0, spread=0.3),
    "fouling": Fouling(1500.0, spread=0.2, asymptote=1.4),
    "weibull": WeibullSudden(9000.0, shape=1.2, warning_h=30.0),
    "weibull, no warning": WeibullSudden(9000.0, shape=3.0, warning_h=0.0),
}
LIVES = 4000

laws = pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))


def drawn_lives_h(law: Law) -> F64:
    return law.life_h(law.draw(np.random.default_rng(2026), LIVES))


def agrees(lives_h: F64, distribution: object) -> bool:
    """Kolmogorov and Smirnov have no reason to doubt it: p above 1 % for this fixed seed."""
    result = stats.kstest(lives_h, distribution)
    return float(result.pvalue) > 0.01


def test_every_law_is_put_through_these_checks() -> None:
    written = set()
    for module in pkgutil.iter_modules(sim.degradation.__path__):
        for name, one in vars(import_module(f"sim.degradation.{module.name}")).items():
            if isinstance(one, type) and name != "Law" and {"draw", "life_h", "severity"} <= set(vars(one)):
                written.add(one)
    assert written - {type(NEVER)} == {type(law) for law in LAWS.values()}


@laws
def test_a_life_begins_at_0_ends_at_exactly_1_and_never_gets_better(law: Law) -> None:
    lives = law.draw(np.random.default_rng(7), 200)
    life_h = law.life_h(lives)
    assert np.all(np.isfinite(life_h))
    assert np.all(life_h > 0)
    assert np.array_equal(law.severity(lives, np.zeros(200)), np.zeros(200))
    assert np.array_equal(law.severity(lives, life_h), np.ones(200))
    shares = np.linspace(0.0, 1.7, 300)
    over_life = np.array([law.severity(lives, share * life_h) for share in shares])
    assert np.all(np.diff(over_life, axis=0) >= -1e-12)
    assert np.all(over_life[shares < 1.0] <= 1.0)
    assert np.all(over_life <= MOST)


@laws
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1), more=st.floats(0, 1))
def test_older_is_never_better(law: Law, seed: int, share: float, more: float) -> None:
    lives = law.draw(np.random.default_rng(seed), 1)
    age_h = share * law.life_h(lives)
    now = law.severity(lives, age_h)
    later = law.severity(lives, age_h + more * law.life_h(lives))
    assert 0.0 <= now[0] <= later[0] + 1e-12


@laws
def test_the_same_rng_draws_the_same_lives(law: Law) -> None:
    first, second = (law.draw(np.random.default_rng(3), 20) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert law.draw(np.random.default_rng(3), 1).shape == (1, first.shape[1])


@pytest.mark.parametrize("name", ["exponential", "paris", "fouling"])
def test_lives_of_closed_forms_are_lognormal(name: str) -> None:
    law = LAWS[name]
    assert isinstance(law, ExponentialGrowth | ParisCrack | Fouling)
    assert agrees(drawn_lives_h(law), stats.lognorm(s=law.spread, scale=law.median_h).cdf)
    assert not agrees(drawn_lives_h(law), stats.lognorm(s=law.spread, scale=1.1 * law.median_h).cdf)


def test_sudden_lives_are_weibull() -> None:
    law = WeibullSudden(9000.0, shape=1.2)
    assert agrees(drawn_lives_h(law), stats.weibull_min(c=1.2, scale=9000.0).cdf)


@pytest.mark.parametrize("law", [LAWS["shocks"], LAWS["shocks, mostly"]], ids=["some", "mostly"])
def test_lives_with_shocks_are_those_of_a_compound_poisson_process(law: ShockWear) -> None:
    """P(L > t) = sum over n of Poisson(n; t) * P(Gamma(n, jump) < 1 - r t) (Esary et al. 1973)."""

    def cdf(t: F64) -> F64:
        room = 1 - law.rate_per_h * t
        expected = law.shocks / law.nominal_h * t
        survives = np.where(room > 0, np.exp(-expected), 0.0)
        for n in range(1, 120):
            fits = stats.gamma.cdf(np.maximum(room, 0.0), n, scale=law.mean_jump)
            survives = survives + stats.poisson.pmf(n, expected) * fits
        result: F64 = 1 - survives
        return result

    lives_h = drawn_lives_h(law)
    # the longest life has an atom: no shock at all; it is a hair of the whole here
    assert agrees(lives_h, cdf)
    assert lives_h.max() <= 1 / law.rate_per_h


def test_lives_of_a_gamma_process_are_as_its_marginals_say() -> None:
    """P(L <= t) = P(X(t) >= 1), exact at the points of the path (van Noortwijk 2009, eq. 8)."""
    law = GammaWear(2000.0, spread=0.3)
    shape_at_nominal = 1 / law.spread**2

    def cdf(t: F64) -> F64:
        result: F64 = stats.gamma.sf(1.0, shape_at_nominal * t / law.nominal_h, scale=law.spread**2)
        return result

    assert agrees(drawn_lives_h(law), cdf)


def test_remaining_life_at_half_severity_is_what_the_curve_says() -> None:
    """Severity 0.5 is reached at ln(1 + 0.5 (e^g - 1)) / g of it (Gebraeel's curve)."""
    law = ExponentialGrowth(1000.0, spread=0.0, growth=5.0)
    half_h = 1000.0 * math.log(1 + 0.5 * math.expm1(5.0)) / 5.0
    assert law.severity(np.array([[1000.0]]), np.array([half_h]))[0] == pytest.approx(0.5)


def test_a_crack_grows_as_its_differential_equation_says() -> None:
    """Paris's da/dN, integrated in small steps of length, against the closed form and the law."""
    y, stress_mpa, c, m = 1.12, 180.0, 6.9e-12, 3.0
    length_m = np.linspace(0.5e-3, 12e-3, 400_001)
    middle_m = (length_m[1:] + length_m[:-1]) / 2
    a_cycle_m = c * (y * stress_mpa * np.sqrt(np.pi * middle_m)) ** m
    cycles = np.cumsum(np.diff(length_m) / a_cycle_m)
    whole = cycles_between(0.5e-3, 12e-3, stress_mpa=stress_mpa)
    assert cycles[-1] == pytest.approx(whole, rel=1e-6)
    law = ParisCrack(1000.0, spread=0.0, initial_mm=0.5, critical_mm=12.0)
    ages_h = 1000.0 * cycles[::40_000] / whole
    lives = np.full((len(ages_h), 1), 1000.0)
    assert law.length_mm(lives, ages_h) == pytest.approx(1000.0 * length_m[1::40_000], rel=1e-4)


def test_fouling_follows_kern_and_seaton() -> None:
    """dRf/dt = (Rf* - Rf) / tau."""
    law = Fouling(1000.0, spread=0.0, asymptote=1.4)
    lives = np.array([[1000.0]])
    tau_h = law.tau_h(lives)[0]
    for age_h in (1.0, 400.0, 900.0):
        here, after = (law.severity(lives, np.array([age])) for age in (age_h, age_h + 1e-3))
        assert (after - here)[0] / 1e-3 == pytest.approx((1.4 - here[0]) / tau_h, rel=1e-4)


def test_what_never_comes_never_comes() -> None:
    lives = NEVER.draw(np.random.default_rng(1), 3)
    assert np.all(np.isinf(NEVER.life_h(lives)))
    assert np.array_equal(NEVER.severity(lives, np.array([0.0, 1.0, 1e12])), np.zeros(3))


@pytest.mark.parametrize(
    "make",
    [
        lambda: ExponentialGrowth(0.0),
        lambda: ExponentialGrowth(math.inf),
        lambda: ExponentialGrowth(10.0, spread=-0.1),
        lambda: ExponentialGrowth(10.0, growth=0.0),
        lambda: ParisCrack(10.0, exponent=2.0),
        lambda: ParisCrack(10.0, initial_mm=5.0, critical_mm=4.0),
        lambda: ShockWear(10.0, shock_share=1.0),
        lambda: ShockWear(10.0, shocks=0.0),
        lambda: GammaWear(10.0, spread=2.0),
        lambda: Fouling(10.0, asymptote=1.0),
        lambda: WeibullSudden(-5.0),
        lambda: WeibullSudden(5.0, shape=0.0),
        lambda: WeibullSudden(5.0, warning_h=-1.0),
    ],
)
def test_a_parameter_out_of_its_range_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=r"must be"):
        make()
