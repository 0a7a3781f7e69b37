"""Health of machines in service, in the blocks of ISO 13374-1: from windows of readings to remaining life.

=========================  ============================  =====================================================
block of ISO 13374-1       module                        from -> to
=========================  ============================  =====================================================
DM data manipulation       ``windows``                   readings -> means of windows at work
SD state detection         ``deviation``                 windows -> deviations from the machine's healthy self
HA health assessment       ``signatures``                deviations -> severity of each failure mode
PA prognostic assessment   ``courses``, ``posterior``    severities and age -> mode and remaining life
AG advisory generation     ``advice``                    all of it -> sentences
=========================  ============================  =====================================================

A severity is 0 for a machine as its own healthy self and 1 where machines of its kind failed.
"""
