"""Statistics of inspection: control charts, drift, agreement, rates. Numbers in, plain results out.

Shares are fractions. An interval is ``(low, high)``. What too few numbers cannot say is None, never a guess.
"""
