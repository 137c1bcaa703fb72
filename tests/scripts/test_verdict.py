"""What the hits of a call come to."""

from dataclasses import replace

from callcenter.core.records import Hit, Party
from callcenter.scripts.verdict import Verdict, weigh

INSULT = Hit("insult", "insult", Party.CALLER, 0, 1, "…", severity=4)
GRIEVANCE = Hit("refund", "refund", Party.CALLER, 0, 1, "…", severity=2)
IDEA = Hit("idea", "suggestion", Party.CALLER, 0, 1, "…", severity=1)
GROUPS = {"insult": "harassment", "refund": "complaint", "suggestion": "suggestion"}


def group(category: str) -> str:
    return GROUPS[category]


def test_labels():
    assert weigh([], group) == Verdict("ordinary", 1)
    assert weigh([IDEA], group) == Verdict("ordinary", 1)
    assert weigh([GRIEVANCE, IDEA], group) == Verdict("complaint", 0.6)
    assert weigh([INSULT, GRIEVANCE], group) == Verdict("harassment", 0.9)


def test_a_faint_sign_of_harassment_beside_a_clear_grievance_is_a_complaint():
    faint = replace(INSULT, severity=2, score=0.8)
    assert weigh([faint], group).label == "harassment"
    assert weigh([faint, GRIEVANCE], group).label == "complaint"
    assert weigh([replace(faint, severity=1)], group) == Verdict("ordinary", 0.72)


def test_a_judge_is_one_more_piece_of_evidence():
    assert weigh([], group, {"harassment": 0.9}).label == "harassment"
    assert weigh([GRIEVANCE], group, {"complaint": 1.0}) == Verdict("complaint", 0.88)
    assert weigh([], group, {"ordinary": 1.0}) == Verdict("ordinary", 1)
