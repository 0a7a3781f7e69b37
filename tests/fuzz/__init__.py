"""Decoders that read what others wrote, fed with what nobody meant: ``make fuzz``, and in every test run what
was kept of it.

A target takes any bytes and raises only for a finding: a crash, an error that is not the decoder's own, or a
number that is not the one in the bytes. Publish responses are read by asyncua too and compared.
"""
