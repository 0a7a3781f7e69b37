"""What instruments make of what is true: noise, last digit, range, and everything that goes wrong with them.

Strengths are shares of the signal's range unless a kind of trouble says otherwise; statuses are OPC UA codes
(OPC 10000-4, 7.39), those that field devices send (OPC 10000-8).
"""
