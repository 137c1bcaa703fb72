from __future__ import annotations

import pytest

from callcenter.casework.quality import scorecards
from callcenter.core.errors import NotNow, Refused
from tests.casework.quality.judged import FORM, Judged


def test_r6_a_scorecard_is_drafted_used_revised_and_retired(judged: Judged) -> None:
    number = judged.card()
    row = judged.form(number)
    assert (row.state, row.edition, row.form["name"]) == ("in_use", 1, "通话质检评分表")
    judged.use(number, "revise", pass_mark=90)
    with judged.store.session() as session:
        kept, form = scorecards.in_use(session, number)
        assert (kept.pass_mark, form.pass_mark) == (90, 80)
    judged.use(number, "edit", name="投诉专线评分表")
    judged.use(number, "use", "李主管")
    row = judged.form(number)
    assert (row.edition, row.form["pass_mark"], row.form["name"]) == (2, 90, "投诉专线评分表")
    with pytest.raises(Refused, match="retire needs: remark"):
        judged.use(number, "retire", "李主管")
    judged.use(number, "retire", "李主管", remark="换新版")
    with judged.store.session() as session:
        with pytest.raises(Refused, match="is retired; expected one in use"):
            scorecards.in_use(session, number)
        assert [one.number for one in scorecards.listing(session, "retired")] == [number]


def test_r6_a_form_that_is_wrong_is_refused(judged: Judged) -> None:
    number = judged.card()
    with pytest.raises(Refused, match=r"this is no scorecard: the form: pass_mark is 200"):
        judged.use(number, "revise", pass_mark=200)
    with pytest.raises(NotNow, match="edit is not possible; possible: revise, retire"):
        judged.use(number, "edit", pass_mark=90)
    fields = {"name": "空", "sections": []}
    with judged.store.session() as session, pytest.raises(Refused, match="expected a list of"):
        scorecards.draft(session, fields, judged.actor("郑岚"))


def test_r6_a_lead_puts_it_to_use(judged: Judged) -> None:
    judged.people(陈总="manager", 赵敏="admin", 郑岚="qa")
    with judged.store.session() as session:
        fact = scorecards.draft(session, FORM.as_dict(), judged.actor("郑岚"))
    judged.books.write(fact)
    with pytest.raises(Refused, match="郑岚 may not do this; it is done by: manager, supervisor"):
        judged.use(fact.number, "use", "郑岚")
    with pytest.raises(Refused, match="赵敏 may not do this"):
        judged.use(fact.number, "edit", "赵敏", name="x")
    judged.use(fact.number, "use", "陈总")
