"""What every package of ParkTwin says to every other: messages, topics and their encoding.

Conventions of the whole family: times are ``int64`` nanoseconds since the epoch, UTC; a status is an OPC UA
``StatusCode`` kept whole as ``uint32``; an id is lower-case ASCII. This package imports nothing of ours.
"""
