"""Faults that are brought about: by a scenario file or by a call while the park runs, in simulated time.

* ``wear``: a failure mode hurries to a severity and goes on from there at its own pace, until it is repaired;
* ``process``: a disturbance of a machine's process, at a severity for a while;
* ``machine``: something any machine or station can suffer, without a mode of its kind;
* ``sensor``: an instrument goes wrong, while what it measures does not.
"""
