"""Starts each service as a process of its own, on one machine; imports none of them."""
