"""Status codes that instruments and their gateways send; numbers of OPC 10000-6 (StatusCode.csv)."""

from __future__ import annotations

GOOD = 0x00000000
UNCERTAIN_LAST_USABLE_VALUE = 0x40900000
"""Whatever was updating this value has stopped doing so."""
UNCERTAIN_SENSOR_NOT_ACCURATE = 0x40930000
"""The value is at one of the sensor limits."""
BAD_NO_COMMUNICATION = 0x80310000
BAD_SENSOR_FAILURE = 0x808C0000
BAD_OUT_OF_SERVICE = 0x808D0000
"""The source of the data is not operational: an analyser in calibration (NAMUR NE 107: function check)."""
