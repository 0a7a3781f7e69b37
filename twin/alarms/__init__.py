"""Alarms as ANSI/ISA-18.2-2016 and IEC 62682:2022 describe them: evaluated, journalled, acted on, counted.

An *alarm* is ``<tag>:<rule>``, or ``<source>:<rule>`` where a source itself is watched. Its *condition* (is
the reading abnormal now?) is worked out by arrays over all tags; its *state* (does a person have to know?)
moves by one table of transitions. All times are ns since the epoch; that of a condition is the reading's.
"""
