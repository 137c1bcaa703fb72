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


def opinion(harassment: float, complaint: float) -> dict[str, float]:
    ordinary = 1 - harassment - complaint
    return {"harassment": harassment, "complaint": complaint, "ordinary": ordinary}


def test_of_one_sentence_it_is_what_the_judge_says():
    assert weigh([], group, [opinion(0.9, 0.05)]) == Verdict("harassment", 0.9)
    assert weigh([], group, [opinion(0.1, 0.2)]) == Verdict("ordinary", 0.7)


def test_the_rules_hits_move_the_judges_opinion():
    doubtful = opinion(0.4, 0.15)
    assert weigh([], group, [doubtful]).label == "ordinary"
    assert weigh([INSULT], group, [doubtful]).label == "harassment"
    assert weigh([GRIEVANCE] * 9, group, [opinion(0.01, 0.02)]).label == "ordinary"
    assert weigh([IDEA], group, [doubtful]) == weigh([], group, [doubtful])


def test_the_judges_own_hit_does_not_count_twice():
    own = replace(INSULT, rule="judge")
    assert weigh([own], group, [opinion(0.4, 0.1)]) == weigh([], group, [opinion(0.4, 0.1)])


def test_one_abusive_sentence_is_not_washed_away_by_ordinary_ones():
    calm = [opinion(0.05, 0.05)] * 5
    assert weigh([], group, calm).label == "ordinary"
    assert weigh([], group, [*calm, opinion(0.95, 0.01)]).label == "harassment"
