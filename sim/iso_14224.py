"""The words of ISO 14224:2016 for how things fail: a kind's failure modes use these and no others."""

from __future__ import annotations

FAILURE_MODES = frozenset(
    """
    AIR BRD CSF DOP ELF ELP ELU ERO FCO FCU FOF FOV FRO FTC FTF FTI FTL FTO FTR FTS HIO HTF IHT
    INL ITP LBP LCP LOA LOO LOP MOF NOI OHE OTH PDE PLU POW PTF SER SET SHH SLL SLP SPO SPR STD
    STP STU UNK UST VIB VLO
    """.split()  # noqa: SIM905
)
"""Failure mode codes, annex B.2.6, tables B.6 to B.15."""

MECHANISMS = frozenset(
    {
        "1.0 Mechanical failure",
        "1.1 Leakage",
        "1.2 Vibration",
        "1.3 Clearance/alignment failure",
        "1.4 Deformation",
        "1.5 Looseness",
        "1.6 Sticking",
        "2.0 Material failure",
        "2.1 Cavitation",
        "2.2 Corrosion",
        "2.3 Erosion",
        "2.4 Wear",
        "2.5 Breakage",
        "2.6 Fatigue",
        "2.7 Overheating",
        "2.8 Burst",
        "3.0 Instrument failure",
        "3.1 Control failure",
        "3.2 No signal/indication/alarm",
        "3.3 Faulty signal/indication/alarm",
        "3.4 Out of adjustment",
        "3.5 Software error",
        "3.6 Common cause/mode failure",
        "4.0 Electrical failure",
        "4.1 Short circuiting",
        "4.2 Open circuit",
        "4.3 No power/voltage",
        "4.4 Faulty power/voltage",
        "4.5 Earth/isolation fault",
        "5.0 External influence",
        "5.1 Blockage/plugged",
        "5.2 Contamination",
        "5.3 Miscellaneous external influences",
        "6.0 Miscellaneous",
        "6.1 No cause found",
        "6.2 Combined causes",
        "6.3 Other",
        "6.4 Unknown",
    }
)
"""Failure mechanisms, table B.2; subdivision number and notation."""
