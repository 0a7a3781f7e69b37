"""The inspection service: a picture in over HTTP, a verdict out, kept before it is told.

The order of things is the promise. A verdict, its picture and its sequence number are on the disk of this
machine (:mod:`ledger`, :mod:`pictures`) before the answer goes out; bus and index are fed from there
(:mod:`follower`), each from where it stood, so neither has to be there for a station to go on inspecting.
"""
