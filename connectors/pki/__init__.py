"""Certificates: our own, those that are trusted, and what is wrong with one, in a sentence a plant can use.

Conventions: a *thumbprint* is the SHA-1 of the DER, 40 upper-case hex digits, as OPC UA servers show it; a
*fault* says whose side it is on, which field, which value, and what to do about it.
"""
