"""Speed and quality, measured; run with `make bench`."""
