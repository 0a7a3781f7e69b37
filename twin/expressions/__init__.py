"""Expressions over signals, with units: interlocks of commands, calculated tags, alarms over several signals.

A small language of its own that is parsed and checked, never handed to ``eval``: numbers with units, texts,
``and or not``, comparisons, arithmetic and a few functions; no loops, no names but signals, bounded in length
and depth, so that every expression ends. It is checked once, against the signals it names, and then evaluated
on columns: one array operation a node for any number of machines at once.

Quality goes with the value: what is worked out of something Bad is Bad, what divides by zero is Bad. Only
``good(x)`` looks at quality and is always Good itself.
"""
