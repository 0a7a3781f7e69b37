"""Works calculated tags out as readings come, and puts them on the bus as readings of a source of their own.

Time goes in cells of half a second of the bus's time: at the end of a cell every tag of which an input has a
new reading is worked out of what is newest then. So what comes out depends on what is on the bus and not on
when it was read: after a crash the same cells give the same readings again, under the same numbers.
"""
