"""Production lines as discrete events on SimPy: pieces pass stations, wait where the next has no room, starve
where none comes.

Times inside a line are seconds since its first moment, as floats; a *piece* is whatever moves as one: a
board, a pack of 24 bottles, a batch of cloth. What is counted adds up at every moment: ``entered = good +
reject + wip`` of a station, and what the stations of a step pass on is what those of the next took in and
what waits before them.
"""
