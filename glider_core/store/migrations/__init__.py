"""How a store of one version becomes one of the next, by Alembic; each step is a file in `versions`."""
