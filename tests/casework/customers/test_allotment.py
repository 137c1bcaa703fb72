from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.casework.customers import allotment as customer_allotment
from callcenter.casework.customers.allotment import NEEDS, Helper, plan
from callcenter.core.errors import Refused
from callcenter.store.sql import Store
from tests.casework.filing import RULES, Filing

HELPERS = st.lists(
    st.builds(Helper, st.sampled_from("ABCDEFGH"), st.integers(0, 30), st.integers(1, 3)),
    min_size=1,
    max_size=5,
    unique_by=lambda helper: helper.name,
)
WANTING = st.dictionaries(
    st.integers(0, 99).map("CU-{}".format), st.sampled_from(sorted(NEEDS)), max_size=20
)


@settings(max_examples=60)
@given(WANTING, HELPERS)
def test_u2_loads_are_even_among_equal_skills(wanting, helpers):
    given_to = plan(wanting, helpers)
    assert given_to.keys() == wanting.keys()
    got = {helper.name: 0 for helper in helpers}
    for agent in given_to.values():
        got[agent] += 1
    for one in helpers:
        for other in helpers:
            if got[one.name] and one.skill == other.skill:
                assert one.load + got[one.name] <= other.load + got[other.name] + 1
    assert plan(dict(reversed(wanting.items())), helpers[::-1]) == given_to


@settings(max_examples=30)
@given(WANTING, HELPERS)
def test_u2_skill_suffices_where_it_can(wanting, helpers):
    skills = {helper.name: helper.skill for helper in helpers}
    for number, agent in plan(wanting, helpers).items():
        assert skills[agent] >= min(NEEDS[wanting[number]], max(skills.values()))


def test_u2_key_customers_go_to_who_knows_most() -> None:
    helpers = [Helper("新人", 0, 1), Helper("老手", 5, 3)]
    wanting = {"CU-1": "potential", "CU-2": "key", "CU-3": "ordinary"}
    assert plan(wanting, helpers) == {"CU-1": "新人", "CU-2": "老手", "CU-3": "老手"}
    with pytest.raises(Refused, match="nobody is there"):
        plan(wanting, [])
    with pytest.raises(Refused, match="named twice"):
        plan(wanting, [Helper("王芳"), Helper("王芳")])


def test_u2_the_plan_becomes_steps(store: Store) -> None:
    filing = Filing(store)
    taken = filing.open("旧")
    filing.act(taken, "allot", by="李主管", agent="王芳")
    free = [filing.open(name) for name in ("甲", "乙", "丙")]
    with store.session() as session:
        actor = filing.actor("李主管", 9)
        skills = {"王芳": 2, "周涛": 2}
        facts = customer_allotment.allot(session, skills, actor, RULES)
        with pytest.raises(Refused, match=f"customer {taken} is not there to be allotted"):
            customer_allotment.allot(session, skills, actor, RULES, [taken])
    filing.books.write(*facts)
    assert [filing.file(number).agent for number in free] == ["周涛", "周涛", "王芳"]
    with store.session() as session:
        assert customer_allotment.loads(session, ["王芳", "周涛", "无"]) == {
            "王芳": 2,
            "周涛": 2,
            "无": 0,
        }
