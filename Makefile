# Two verbs for a newcomer: make demo, make test. Everything else is for who changes the code.
