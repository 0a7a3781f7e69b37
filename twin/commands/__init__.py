"""Commands to the plant: what may be asked for, what must hold, who must agree, what came of it, and the
audit.

A person stays in command. Asking is one thing, letting through another: the catalogue of the park file says
what there is, interlocks over live signals must hold with good quality, the high class needs a second person,
and each step lies in a chain of hashes. What is let through goes to the bus once; the connector does it, or
says why not.
"""
