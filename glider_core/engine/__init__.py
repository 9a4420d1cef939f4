"""MADEX on one instance or many: ask, train, detect, select, check (Section 3 of Tsang et al. 2020)."""
