"""The simulated Modbus TCP meters: register maps, values in registers, a server with many units on one port.

Addresses are those on the wire (0 = the first register, 40001 or 30001 in a manual). A register is 16 bits,
high byte first. Statuses are OPC UA status codes, as everywhere in the simulator.
"""
