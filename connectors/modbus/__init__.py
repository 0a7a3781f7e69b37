"""The Modbus TCP connector: meters, pumps and gateways, read in as few requests as their maps allow.

Conventions: addresses are those on the wire, from 0 (a manual's 40001 is ``holding=0``); a *unit* is one
device behind a connection, 0 to 255.
"""
