"""GLIDER: the interactions that come back in many rows, counted, compared and tested (Section 4.1)."""
