"""What lines lose while some of their equipment stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from twin.networks.consequences import LineImpact
from twin.park.kpi import LineRule
from twin.park.model import Park


def line_impacts(
    park: Park, standing: Mapping[str, Sequence[str]], output: Mapping[str, float], lasts_h: float
) -> tuple[LineImpact, ...]:
    """Reckon what each line loses over some hours, from its cycle times in the park file.

    Args:
        park: with its lines.
        standing: equipment that stands, by line.
        output: share of its output now, by line that is changed.
        lasts_h: how long [h].
    """
    rules = {rule.line: rule for rule in park.kpi.lines}
    found = []
    for line in sorted({*standing, *output}):
        stands = sorted(standing.get(line, ()))
        rule = rules.get(line)
        left = (1.0 - _lost_share(rule, stands)) * output.get(line, 1.0)
        units = None if rule is None else _units_h(rule) * lasts_h * (1.0 - left)
        found.append(LineImpact(line, tuple(stands), 1.0 - left, units, None if rule is None else rule.piece))
    return tuple(found)


def _lost_share(rule: LineRule | None, standing: Collection[str]) -> float:
    """A line stands with any station of its chain, and slows with one of several that set its pace."""
    if not standing:
        return 0.0
    if rule is None or len(rule.pace) < 2 or any(one not in rule.pace for one in standing):
        return 1.0
    return len(standing) / len(rule.pace)


def _units_h(rule: LineRule) -> float:
    cycles = dict(rule.ideal_cycles)
    return rule.units_per_piece * sum(3600.0 / cycles[one] for one in rule.pace if one in cycles)
