"""Sentiment: a sentence's positivity, one feature per word."""
