"""NID and GradientNID as their authors' code has them, beside Glider's, on the same masks and the same answers.

python -m benchmarks.authors_code CHECKOUT

CHECKOUT is your copy of github.com/mtsang/interaction_interpretability. The same as
`glider reproduce authors-code --checkout CHECKOUT`, whose options it takes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from glider_core.cli import app


def main(arguments: Sequence[str] | None = None) -> None:
    """From the command line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    checkout = ["--checkout", given.pop(0)] if given and not given[0].startswith("-") else []
    app(["reproduce", "authors-code", *checkout, *given], prog_name="glider")


if __name__ == "__main__":
    main()
