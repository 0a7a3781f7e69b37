"""History: every reading, for as long as the retention says, in ClickHouse's engine.

Conventions: times are int64 ns since the epoch, UTC; an interval is ``[start, end)``; a reading is unique by
(tag, source time) and the one told last wins; statistics count readings that are not Bad and have a finite
value, and say beside it how many were Bad. :func:`twin.historian.connect.open_history` is the way in.
"""
