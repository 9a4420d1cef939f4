"""Every number of README.md and docs/*.md comes from a committed result, or is listed as one that was not measured."""

from pathlib import Path

import pytest

from tests import claims
from tests.claims import CLAIMS, PAGES, ROOT, STATED, Claim, prose, unclaimed, written


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.page}: {claim.words[:40]}")
def test_a_claim_is_what_was_measured(claim: Claim) -> None:
    stands = prose(claim.told) in prose((ROOT / claim.page).read_text(encoding="utf-8"))
    assert stands, f"“{claim.told}”: run `python -m tests.claims`, or change the claim in tests/claims.py"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_number_is_without_a_source(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert unclaimed(name_of(page), text) == [], "say in tests/claims.py where each comes from"
    stale = [piece for piece in STATED[name_of(page)] if piece not in prose(text)]
    assert stale == [], "these stand in tests/claims.py, and no longer in the page"


def test_a_number_that_was_not_measured_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [Claim("README.md", "R-precision {} with {} questions", lambda: ["0.96", "300"])]
    monkeypatch.setattr(claims, "CLAIMS", told)
    monkeypatch.setitem(STATED, "README.md", ())
    right, wrong = (
        "R-precision 0.96\nwith 300 questions, in 3 runs.",
        "R-precision 0.97\nwith 300 questions; 5 s, 95 %.",
    )
    assert unclaimed("README.md", right) == []
    assert [found.split(" in ")[0] for found in unclaimed("README.md", wrong)] == ["0.97", "300", "5 s", "95 %"]
    assert unclaimed("README.md", "`0.97`, [a link](page-0.97.md)\n```\n0.97\n```") == []
    assert written("README.md", wrong) == wrong.replace("0.97", "0.96")
