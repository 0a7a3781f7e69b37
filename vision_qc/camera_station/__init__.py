"""A camera's side of inspection: takes pictures, keeps them until they are judged, works the reject gate.

Pictures go into a spool on disk before they are sent, so a service that is away costs no picture; the gate
hears of every verdict, in time or not, and decides by itself what to do without one.
"""
