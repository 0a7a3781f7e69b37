"""Raw days of the bus: kept in a file as they came, and fed back to a bus, to see again what somebody saw.

Conventions: *recorded* times are those that stand in a recording, *replayed* those that go onto the bus; a
replay says readings, tag sets, gaps and source states, and nothing else ever.
"""
