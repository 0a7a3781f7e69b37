"""What will fail, when, how sure, and what to do about it: the blocks of ISO 13374 as modules.

Lives are in cycles, sensors in z-scores within an operating regime. A forecast is its quantiles, never a lone
number; where there are too few data it is a reason instead.
"""
