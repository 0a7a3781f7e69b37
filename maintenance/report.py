"""The weekly report of a park's machines, in Vietnamese or English: Markdown for people who maintain them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from maintenance.live.ledger import KeptForecast, Ledger, Outcome
from maintenance.live.track_record import TrackRecord, track_records
from maintenance.wording import Language
from twin.contract.clock import NS_PER_S, to_iso
from twin.contract.health import HealthState, MachineHealth

WEEK_NS = 7 * 24 * 3600 * NS_PER_S
MOST_ROWS = 40
_ORDER = (HealthState.FAILING, HealthState.DEGRADING)

_TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Báo cáo bảo trì tuần", "Weekly maintenance report"),
    "period": ("Từ {begin} đến {end} (UTC)", "From {begin} to {end} (UTC)"),
    "now": ("Tình trạng hiện nay", "How machines are now"),
    "failing": ("sắp hỏng", "failing"),
    "degrading": ("đang xuống cấp", "degrading"),
    "healthy": ("khỏe", "healthy"),
    "not_enough_data": ("chưa đủ dữ liệu để nói", "not enough data to say"),
    "act": ("Máy sắp hỏng hoặc đang xuống cấp", "Machines that are failing or degrading"),
    "none": ("Không có máy nào sắp hỏng hay đang xuống cấp.", "No machine is failing or degrading."),
    "heads": (
        "máy | dạng hỏng (ISO 14224) | giờ chạy còn lại (80 %) | sức khỏe | tuần trước | lý do chính",
        "machine | failure mode (ISO 14224) | running hours left (80 %) | health | a week ago | main reason",
    ),
    "hours": ("khoảng {middle} ({low} đến {high})", "about {middle} ({low} to {high})"),
    "unknown_before": ("chưa có", "none yet"),
    "indicative": ("chỉ để tham khảo", "indicative only"),
    "more": ("và {count} máy nữa", "and {count} more machines"),
    "came": ("Đã xảy ra trong tuần", "What came in the week"),
    "came_none": (
        "Không ai báo hỏng hay bảo trì. Dự báo chỉ được chấm điểm khi có người báo.",
        "Nobody reported a failure or a service. Forecasts are scored only by what is reported.",
    ),
    "failed": ("hỏng", "failed"),
    "serviced": ("được bảo trì", "was serviced"),
    "found": ("phát hiện: {mode}", "found: {mode}"),
    "found_nothing": ("không phát hiện gì", "nothing found"),
    "record": ("Dự báo đã đúng đến đâu", "How good forecasts have been"),
    "record_none": (
        "Chưa có máy nào được chấm điểm, nên chưa biết dự báo đúng đến đâu.",
        "No machine has been scored yet, so that nobody knows how good the forecasts are.",
    ),
    "record_heads": (
        "mô hình | số máy đã kết thúc | hỏng | khoảng 90 % chứa giờ thật | sai không quá 20 % ở nửa chặng | "
        "dạng hỏng đúng xếp đầu | báo động sai | hỏng không báo trước",
        "model | machines ended | failed | 90 % interval held the truth | within 20 % at half-life | "
        "true mode ranked first | false alarms | failures without a warning",
    ),
    "demoted": ("(đã hạ xuống mức tham khảo)", "(demoted to indicative)"),
    "few": (
        "Giờ còn lại là giờ máy chạy, không phải giờ trên lịch; 8 trên 10 máy hỏng trong khoảng đó "
        "nếu mô hình đúng.",
        "Hours left are hours of running, not of the calendar; 8 machines of 10 fail within them "
        "if the model is right.",
    ),
}


@dataclass(frozen=True)
class Week:
    """What a report is of.

    Args:
        end_ns: its end.
        newest: newest forecast of every machine.
        before: the one of a week before, of the machines that had one.
        outcomes: reported within the week.
        records: of the models.
    """

    end_ns: int
    newest: Sequence[KeptForecast]
    before: Mapping[str, MachineHealth]
    outcomes: Sequence[Outcome]
    records: Mapping[str, TrackRecord]


def gather_week(ledger: Ledger, end_ns: int) -> Week:
    """Read what a report needs from the ledger."""
    newest = ledger.newest()
    before = {}
    for one in newest:
        if one.health.state in _ORDER:
            old = ledger.history(one.health.machine, limit=1, until=end_ns - WEEK_NS)
            if old:
                before[one.health.machine] = old[0].health
    outcomes = [one for one in ledger.outcomes() if end_ns - WEEK_NS < one.time <= end_ns]
    return Week(end_ns, newest, before, outcomes, track_records(ledger)[0])


def weekly_report(week: Week, language: Language, *, sections: Sequence[str] = ()) -> str:
    """Write the report of a week; ``sections`` are lines that follow what is to be acted on."""

    def say(name: str, **values: str | int) -> str:
        return _TEXTS[name][0 if language == "vi" else 1].format(**values)

    states = [one.health.state for one in week.newest]
    lines = [
        f"# {say('title')}",
        "",
        say("period", begin=to_iso(week.end_ns - WEEK_NS)[:10], end=to_iso(week.end_ns)[:10]),
        "",
        f"## {say('now')}",
        "",
        *(f"- {states.count(state)} {say(state.value)}" for state in HealthState),
        "",
        f"## {say('act')}",
        "",
    ]
    urgent = sorted((one for one in week.newest if one.health.state in _ORDER), key=_urgency)
    if urgent:
        lines += _table(say("heads"))
        lines += [_machine_row(one.health, week.before, language, say) for one in urgent[:MOST_ROWS]]
        if len(urgent) > MOST_ROWS:
            lines += ["", say("more", count=len(urgent) - MOST_ROWS)]
        lines += ["", say("few")]
    else:
        lines.append(say("none"))
    if sections:
        lines += ["", *sections]
    names = {
        mode.mode: mode.name_vi if language == "vi" else mode.name_en
        for one in week.newest
        for mode in one.health.modes
    }
    lines += ["", f"## {say('came')}", ""]
    for outcome in week.outcomes:
        mode = names.get(outcome.mode, outcome.mode)
        found = say("found", mode=mode) if mode else say("found_nothing")
        lines.append(f"- {to_iso(outcome.time)[:10]} {outcome.machine} {say(outcome.what)}; {found}")
    if not week.outcomes:
        lines.append(say("came_none"))
    lines += ["", f"## {say('record')}", ""]
    if week.records:
        lines += _table(say("record_heads"))
        lines += [_record_row(one, say("demoted")) for one in week.records.values()]
    else:
        lines.append(say("record_none"))
    return "\n".join(lines) + "\n"


def _urgency(one: KeptForecast) -> tuple[int, float, str]:
    health = one.health
    left = health.remaining.p50 if health.remaining else float("inf")
    return _ORDER.index(health.state), left, health.machine


def _table(heads: str) -> list[str]:
    return [f"| {heads} |", "|" + " --- |" * (heads.count("|") + 1)]


def _machine_row(
    health: MachineHealth,
    before: Mapping[str, MachineHealth],
    language: Language,
    say: Callable[..., str],
) -> str:
    hours = ""
    if health.remaining is not None:
        hours = say(
            "hours",
            low=_round(health.remaining.p10),
            high=_round(health.remaining.p90),
            middle=_round(health.remaining.p50),
        )
    mode = ""
    if health.modes:
        first = health.modes[0]
        name = first.name_vi if language == "vi" else first.name_en
        mode = f"{name} ({first.iso14224}, {first.probability:.0%})"
    reason = ""
    if health.reasons:
        reason = health.reasons[0].vi if language == "vi" else health.reasons[0].en
    old = before.get(health.machine)
    was = say(old.state.value) if old is not None else say("unknown_before")
    state = f"{health.health:.0%}" if health.health is not None else ""
    doubt = f" ({say('indicative')})" if health.indicative else ""
    return f"| {health.machine}{doubt} | {mode} | {hours} | {state} | {was} | {reason} |"


def _record_row(record: TrackRecord, demoted: str) -> str:
    name = f"{record.model} {demoted}" if record.demoted else record.model
    shares = (record.coverage, record.alpha_lambda, record.ranked_first)
    covered, within, ranked = ("–" if one is None else f"{one:.0%}" for one in shares)
    return (
        f"| {name} | {record.ended} | {record.failed} | {covered} | {within} | {ranked} | "
        f"{record.false_alarms} | {record.unexpected} |"
    )


def _round(hours: float) -> str:
    """Hours to as many digits as a forecast has: two.

    >>> [_round(hours) for hours in (0.4, 7.26, 154.0, 2345.0)]
    ['0.4', '7.3', '150', '2300']
    """
    return f"{float(f'{hours:.2g}'):g}"
