"""Recommenders: the five networks of the paper, trained with and without feature crosses."""
