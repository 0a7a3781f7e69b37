"""The weekly report of a park's machines, in Vietnamese or English: Markdown for people who maintain them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from maintenance.live.ledger import KeptForecast, Ledger, Outcome
from maintenance.live.track_record import TrackRecord, track_records
from maintenance.weekly.notes import doubts_section, notes_by_frequency
from maintenance.weekly.why_section import why_section
from maintenance.weekly.words import SignalNames, day_of, moment_of, said_by_name
from maintenance.wording import Language, number, pick, share
from twin.contract.clock import NS_PER_S
from twin.contract.health import HealthState, MachineHealth

WEEK_NS = 7 * 24 * 3600 * NS_PER_S
MOST_ROWS = 40
MOST_NOTES = 4
_ORDER = (HealthState.FAILING, HealthState.DEGRADING)
_STATES = (*_ORDER, HealthState.HEALTHY, HealthState.NOT_ENOUGH_DATA)

_TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Báo cáo bảo trì tuần", "Weekly maintenance report"),
    "period": (
        "Từ {begin} đến {end}. Lập lúc {moment}, giờ địa phương.",
        "From {begin} to {end}. Made at {moment}, local time.",
    ),
    "because": ("{count} máy: {note}", "{count} machines: {note}"),
    "now": ("Tình trạng hiện nay", "How machines are now"),
    "failing": ("sắp hỏng", "failing"),
    "degrading": ("đang xuống cấp", "degrading"),
    "healthy": ("khỏe", "healthy"),
    "not_enough_data": ("chưa đủ dữ liệu để nói", "not enough data to say"),
    "strange": (
        "Máy chưa có mô hình dự báo nhưng tín hiệu khác thường, nên đến xem",
        "Machines without a model whose signals are out of the ordinary: have a look",
    ),
    "act": ("Máy sắp hỏng hoặc đang xuống cấp", "Machines that are failing or degrading"),
    "none": ("Không có máy nào sắp hỏng hay đang xuống cấp.", "No machine is failing or degrading."),
    "heads": (
        "máy | dạng hỏng sắp đến (ISO 14224) | giờ chạy còn lại (80 %) | sức khỏe | tuần trước | "
        "dấu hiệu rõ nhất",
        "machine | failure on its way (ISO 14224) | running hours left (80 %) | health | a week ago | "
        "clearest sign",
    ),
    "hours": ("khoảng {middle} ({low} đến {high})", "about {middle} ({low} to {high})"),
    "unknown_before": ("chưa có", "none yet"),
    "no_sign": ("chưa tín hiệu nào nổi bật", "no signal stands out"),
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
    "mode_unknown": ("chưa ghi dạng hỏng", "how it failed was not reported"),
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

    @property
    def urgent(self) -> list[MachineHealth]:
        """Machines that are failing or degrading, the most urgent first."""
        found = (one.health for one in self.newest if one.health.state in _ORDER)
        return sorted(found, key=_urgency)


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


def weekly_report(
    week: Week,
    language: Language,
    *,
    first: Sequence[str] = (),
    sections: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    signals: SignalNames | None = None,
    zone: tzinfo = UTC,
) -> str:
    """Write the report of a week.

    Args:
        week: what it is of.
        language: of the report.
        first: lines before all others: what to do first.
        sections: lines that follow what is to be acted on.
        kinds: what kinds of machines are called; their ids by default.
        signals: what the signals of a kind are called; their ids by default.
        zone: whose days are meant.
    """
    called, signals = kinds or {}, signals or {}

    def say(name: str, **values: str | int) -> str:
        return _TEXTS[name][0 if language == "vi" else 1].format(**values)

    states = [one.health.state for one in week.newest]
    lines = [
        f"# {say('title')}",
        "",
        say(
            "period",
            begin=day_of(week.end_ns - WEEK_NS, zone, language),
            end=day_of(week.end_ns, zone, language),
            moment=moment_of(week.end_ns, zone, language),
        ),
        "",
        *first,
        f"## {say('now')}",
        "",
        *(f"- {states.count(state)} {say(state.value)}" for state in _STATES),
        *_why_unknown(week, language, say),
        *_out_of_the_ordinary(week, language, say),
        "",
        f"## {say('act')}",
        "",
    ]
    urgent = week.urgent
    if urgent:
        lines += _table(say("heads"))
        lines += [
            _machine_row(one, week.before, language, say, called, signals) for one in urgent[:MOST_ROWS]
        ]
        if len(urgent) > MOST_ROWS:
            lines += ["", say("more", count=len(urgent) - MOST_ROWS)]
        lines += ["", say("few"), ""]
        lines += why_section(urgent, lambda one: _machine(one, called), language, signals)
        lines += doubts_section(urgent, language)
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
        nothing = "mode_unknown" if outcome.what == "failed" else "found_nothing"
        found = say("found", mode=mode) if mode else say(nothing)
        lines.append(
            f"- {day_of(outcome.time, zone, language)}: {outcome.machine} {say(outcome.what)}; {found}"
        )
    if not week.outcomes:
        lines.append(say("came_none"))
    lines += ["", f"## {say('record')}", ""]
    if week.records:
        lines += _table(say("record_heads"))
        lines += [_record_row(one, say("demoted"), language, called) for one in week.records.values()]
    else:
        lines.append(say("record_none"))
    return "\n".join(lines) + "\n"


def _why_unknown(week: Week, language: Language, say: Callable[..., str]) -> list[str]:
    """Why nothing can be said of some machines, the most frequent reason first."""
    unknown = [one.health for one in week.newest if one.health.state is HealthState.NOT_ENOUGH_DATA]
    notes = [pick((one.note_vi, one.note_en), language) for one in unknown]
    return [
        f"  - {say('because', count=count, note=note.partition(': ')[2] or note)}"
        for note, count in notes_by_frequency(notes)[:MOST_NOTES]
    ]


def _out_of_the_ordinary(week: Week, language: Language, say: Callable[..., str]) -> list[str]:
    """Machines of which nothing can be forecast, and that show something all the same."""
    strange = [
        one.health
        for one in week.newest
        if one.health.state is HealthState.NOT_ENOUGH_DATA and one.health.reasons
    ]
    if not strange:
        return []
    told = [
        f"- {one.machine}: {'; '.join(pick((reason.vi, reason.en), language) for reason in one.reasons)}"
        for one in strange[:MOST_ROWS]
    ]
    if len(strange) > MOST_ROWS:
        told.append(f"- {say('more', count=len(strange) - MOST_ROWS)}")
    return ["", f"### {say('strange')}", "", *told]


def _machine(health: MachineHealth, kinds: Mapping[str, str]) -> str:
    """What a machine is, and which."""
    kind = kinds.get(health.kind, "")
    return f"{kind}, {health.machine}" if kind else health.machine


def _urgency(health: MachineHealth) -> tuple[int, float, str]:
    left = health.remaining.p50 if health.remaining else float("inf")
    return _ORDER.index(health.state), left, health.machine


def _table(heads: str) -> list[str]:
    return [f"| {heads} |", "|" + " --- |" * (heads.count("|") + 1)]


def _machine_row(
    health: MachineHealth,
    before: Mapping[str, MachineHealth],
    language: Language,
    say: Callable[..., str],
    kinds: Mapping[str, str],
    signals: SignalNames,
) -> str:
    hours = ""
    if health.remaining is not None:
        hours = say(
            "hours",
            low=number(health.remaining.p10, language),
            high=number(health.remaining.p90, language),
            middle=number(health.remaining.p50, language),
        )
    mode = ""
    if health.modes:
        first = health.modes[0]
        name = first.name_vi if language == "vi" else first.name_en
        mode = f"{name} ({first.iso14224}, {share(first.probability, language)})"
    reason = said_by_name(health, health.reasons[0], language, signals) if health.reasons else say("no_sign")
    old = before.get(health.machine)
    was = say(old.state.value) if old is not None else say("unknown_before")
    state = share(health.health, language) if health.health is not None else ""
    doubt = f" ({say('indicative')})" if health.indicative else ""
    return f"| {_machine(health, kinds)}{doubt} | {mode} | {hours} | {state} | {was} | {reason} |"


def _record_row(record: TrackRecord, demoted: str, language: Language, kinds: Mapping[str, str]) -> str:
    name = kinds.get(record.model, record.model)
    name = f"{name} {demoted}" if record.demoted else name
    shares = (record.coverage, record.alpha_lambda, record.ranked_first)
    covered, within, ranked = ("–" if one is None else share(one, language) for one in shares)
    return (
        f"| {name} | {record.ended} | {record.failed} | {covered} | {within} | {ranked} | "
        f"{record.false_alarms} | {record.unexpected} |"
    )
