"""Carrying out commands: each at most once, checked, read back, and told step by step.

**Live only.** A command that is past its expiry is refused, one for a source that is down fails at once;
nothing is kept for later. **At most once.** A command is in the ledger before the bus is told that it was
taken, and is marked as begun before a byte goes to the device; a process that dies in between finds the mark,
reads back and says what it found, and never writes again.
"""
