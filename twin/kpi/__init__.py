"""What the park makes of its time, energy and water: key figures by ISO 22400-2, from columns of readings.

Conventions: times are ``int64`` nanoseconds since the epoch and intervals half open, ``[start, end)``. A
reading holds from its source time until the next one. Shares are 0 to 1. What is not known (no reading yet, a
Bad one, a marked gap) is neither up nor down: it is left out of every ratio, and its share of the planned
time stands beside it. Every function here gives the same for the same readings, whether they came live or out
of the history.
"""
