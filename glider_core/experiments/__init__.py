"""One file per experiment of the paper or claim of the README; each returns a small dictionary that goes into JSON."""
