"""One folder per domain: how raw input becomes an instance, and the models that answer for it."""
