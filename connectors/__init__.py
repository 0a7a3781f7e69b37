"""Reading the plant: sessions, decoding, the outbox that nothing passes by, and the way onto the bus.

Conventions: a *source* is one device or server; its readings leave here as frames with a sequence number that
grows for the source's whole life; whatever could not be had is a :class:`twin.contract.messages.Gap`.
"""
