"""Forecasts are scored by what came, and a model whose intervals do not hold is demoted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from maintenance.live.ledger import KeptForecast, Ledger, Outcome, OutcomeError, What
from maintenance.live.track_record import ENOUGH_ENDED, score_life, track_records
from twin.contract.health import HealthState, MachineHealth, RankedMode, RemainingLife
from twin.service.database import open_database

HOUR_NS = 3600 * 10**9
END_H = 100.0


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    engine = open_database("sqlite://")
    yield Ledger(engine)
    engine.dispose()


def _forecast(machine: str, running_h: float, median: float, width: float = 10.0) -> KeptForecast:
    health = MachineHealth(
        machine=machine,
        time=round(running_h * HOUR_NS),
        state=HealthState.DEGRADING,
        kind="pump",
        health=0.5,
        model="pump",
        model_version="v1",
        remaining=RemainingLife(
            p05=max(median - width, 0), p10=max(median - width, 0), p50=median, p90=median + width,
            p95=median + width,
        ),
        modes=(
            RankedMode(mode="wear", iso14224="VIB", mechanism="", probability=1.0, name_vi="", name_en=""),
        ),
    )  # fmt: skip
    return KeptForecast(health, running_h)


def _outcome(machine: str, what: What = "failed", mode: str = "wear", at_h: float = END_H) -> Outcome:
    return Outcome(machine, round(at_h * HOUR_NS), what, mode, True, "lan", 0)


def _life(machine: str, off: float) -> list[KeptForecast]:
    return [_forecast(machine, at, max(END_H - at + off, 0.0)) for at in range(50, 101, 5)]


def test_true_forecasts_score_as_such() -> None:
    scored = score_life(_life("a", 0.0), _outcome("a"))
    assert (scored.covered, scored.error_half, scored.horizon_h) == (1.0, 0.0, 50.0)
    assert scored.ranked_first
    assert not scored.unexpected


def test_late_forecasts_are_not_covered_and_have_a_short_horizon() -> None:
    scored = score_life(_life("a", 30.0), _outcome("a"))
    assert scored.covered == 0.0
    assert scored.error_half == pytest.approx(30.0 / 25.0)
    assert scored.horizon_h == 0.0


def test_a_service_before_failure_proves_wrong_only_what_promised_less() -> None:
    assert score_life(_life("a", 0.0), _outcome("a", "serviced")).covered is None
    early = [_forecast("a", 50.0, 5.0), _forecast("a", 100.0, 5.0)]
    assert score_life(early, _outcome("a", "serviced")).covered == 0.5


def test_the_record_of_a_model_demotes_it_when_its_intervals_do_not_hold(ledger: Ledger) -> None:
    for number in range(ENOUGH_ENDED):
        machine = f"park/hall/good{number}"
        ledger.write(_life(machine, 0.0)[:-1] + _life(machine, 40.0)[-1:])
        ledger.report(_outcome(machine))
    records, _ = track_records(ledger)
    assert records["pump"].ended == ENOUGH_ENDED
    assert not records["pump"].demoted
    for number in range(ENOUGH_ENDED):
        machine = f"park/hall/late{number}"
        ledger.write(_life(machine, 40.0))
        ledger.report(_outcome(machine))
    records, lives = track_records(ledger)
    assert records["pump"].coverage is not None
    assert records["pump"].coverage < 0.8
    assert records["pump"].demoted
    assert len(lives) == 2 * ENOUGH_ENDED


def test_forecasts_before_the_last_outcome_are_not_scored_twice(ledger: Ledger) -> None:
    ledger.write(_life("a", 30.0))
    ledger.report(_outcome("a"))
    ledger.write([_forecast("a", 150.0, 50.0), _forecast("a", 200.0, 0.0)])
    ledger.report(_outcome("a", at_h=200.0))
    _, lives = track_records(ledger)
    assert [one.covered for one in lives] == [0.0, 1.0]
    with pytest.raises(OutcomeError, match="after the last one"):
        ledger.report(_outcome("a", at_h=150.0))


def test_a_forecast_is_written_once(ledger: Ledger) -> None:
    first = _forecast("a", 50.0, 50.0)
    ledger.write([first])
    ledger.write([_forecast("a", 50.0, 1.0)])
    assert ledger.history("a", limit=10) == [first] == ledger.newest()
