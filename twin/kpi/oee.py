"""Overall equipment effectiveness by ISO 22400-2, and what stands beside it.

    Availability            A   = APT / PBT
    Effectiveness           E   = PRI x PQ / APT
    Quality ratio           QR  = GQ / PQ
    OEE index                   = A x E x QR
    Net equipment eff.      NEE = AUPT / PBT x E x QR     AUPT = APT + AUST
    Setup rate                  = AUST / AUPT
    Technical efficiency        = APT / (APT + ADET)
    Throughput rate             = PQ / time

PBT is the planned time that is known: what is not known is neither up nor down. Over several lines times add
up, and pieces count by their planned run time, so that a board and a bottle can be added: the OEE of a site
is the time its good pieces should have taken, by its planned time.

MTBF is operating time by failures, MTTR the time failed by failures (IEC 60050-192, 192-05-13 and 192-07-23);
ISO 22400-2 divides both by failures + 1, which is another number where failures are few.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.contract.clock import NS_PER_S
from twin.kpi.effort import Effort
from twin.kpi.packml import Use

_HOUR_NS = 3600 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Oee:
    """The figures; None where there is nothing to divide by.

    Args:
        availability, effectiveness, quality, oee, nee, setup_rate, technical_efficiency: 0 to 1;
            effectiveness may be above 1 where the planned run time is too long.
        throughput_per_h: pieces an hour of the known planned time, good and not.
        gap_share: of the planned time that is not known.
    """

    availability: float | None
    effectiveness: float | None
    quality: float | None
    oee: float | None
    nee: float | None
    setup_rate: float | None
    technical_efficiency: float | None
    throughput_per_h: float | None
    gap_share: float | None


def oee(effort: Effort) -> Oee:
    """Reckon the figures of an effort.

    The worked example of oee.com ("OEE calculation"): a shift of 480 min with breaks of 60 min, 47 min of
    stops, an ideal cycle of 1.0 s, 19,271 pieces, 423 of them rejected.

    >>> from twin.kpi.counters import Counted
    >>> minute, second = 60e9, 1e9
    >>> shift = Effort(
    ...     planned_ns=420 * minute,
    ...     use_ns=(373 * minute, 0.0, 0.0, 0.0, 47 * minute, 0.0),
    ...     good=Counted(18_848, 18_848),
    ...     rejected=Counted(423, 423),
    ...     ideal_ns=19_271 * second,
    ...     ideal_good_ns=18_848 * second,
    ... )
    >>> figures = oee(shift)
    >>> parts = (figures.availability, figures.effectiveness, figures.quality, figures.oee)
    >>> [round(100 * part, 2) for part in parts if part is not None]
    [88.81, 86.11, 97.8, 74.79]
    """
    known = effort.planned_ns - effort.unknown_ns
    producing, setup = effort.use_ns[Use.PRODUCING], effort.use_ns[Use.SETUP]
    delayed = sum(effort.use_ns[use] for use in (Use.WAITING, Use.HELD, Use.FAILED, Use.STOPPED))
    effective = _share(effort.ideal_good_ns, producing)
    pieces = effort.good.seen + effort.rejected.seen
    return Oee(
        availability=_share(producing, known),
        effectiveness=_share(effort.ideal_ns, producing),
        quality=_share(effort.ideal_good_ns, effort.ideal_ns),
        oee=_share(effort.ideal_good_ns, known),
        nee=None if effective is None or not known else (producing + setup) / known * effective,
        setup_rate=_share(setup, producing + setup),
        technical_efficiency=_share(producing, producing + delayed),
        throughput_per_h=_share(pieces * _HOUR_NS, known),
        gap_share=_share(effort.unknown_ns, effort.planned_ns),
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
