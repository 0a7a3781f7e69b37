"""The simulated OPC UA servers: address space, values in columns, history, conditions, security, bad days.

Times inside are ns since the epoch, or OPC UA ticks (100 ns since 1601) where a name says ``source_time`` or
``server_time``; statuses are OPC UA status codes; rows are positions in a server's columns.
"""
