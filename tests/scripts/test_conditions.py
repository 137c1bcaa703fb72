"""What a rule may ask for, and what it finds then."""

from __future__ import annotations

import pytest

from callcenter.core.errors import PackError
from callcenter.core.records import Party
from tests.scripts.rules import found, listener, rules, said, texts


def test_all_of_them_anywhere_in_the_call():
    one = listener('all = ["退款", "投诉"]')
    assert not one.heard(said("我要投诉"))
    assert not one.heard(said("今天天气好", at=100))
    (hit,) = one.heard(said("还不退款", at=200))
    assert (hit.text, hit.operator) == ("投诉 … 退款", "all")
    assert (hit.start_ms, hit.end_ms) == (400, 40_800)


def test_near_in_characters_and_in_time():
    assert found('all = ["退款", "投诉"]\nnear = 3', "退款我要投诉") == ["退款 … 投诉"]
    assert not found('all = ["退款", "投诉"]\nnear = 3', "退款不然我就要投诉")
    assert found('all = ["退款", "投诉"]\nnear_ms = 1000', "退款我要投诉") == ["退款 … 投诉"]
    assert not found('all = ["退款", "投诉"]\nnear_ms = 900', "退款不然我就要投诉")


def test_order():
    assert found('all = ["退款", "投诉"]\norder = true', "退款我要投诉") == ["退款 … 投诉"]
    assert not found('all = ["退款", "投诉"]\norder = true', "投诉我要退款")
    body = 'all = ["不退", "我就", "投诉"]\norder = true\nnear = 4'
    assert found(body, "你不退我就投诉") == ["不退 … 我就 … 投诉"]


def test_some_of_them():
    body = 'n_of = ["无聊", "聊天", "唱歌"]\nn = 2'
    assert not found(body, "我无聊")
    assert found(body, "我无聊你唱歌") == ["无聊 … 唱歌"]
    assert found(body.replace("n = 2", "n = 3"), "聊天无聊你唱歌") == ["聊天 … 无聊 … 唱歌"]


def test_two_parties_have_no_distance_in_characters():
    body = 'party = "either"\nall = ["请您稍等", "等多久"]\n'
    for near, count in (("near = 50", 0), ("near_ms = 9000", 1)):
        one = listener(body + near)
        one.heard(said("请您稍等", party=Party.AGENT))
        assert len(one.heard(said("等多久", at=5))) == count


def test_each_says_it_to_the_other():
    body = (
        "and = [\n"
        '{any = ["不可以"], party = "agent"},\n'
        '{any = ["投诉"], party = "caller"},\n'
        "]\norder = true"
    )
    one = listener(body)
    assert not one.heard(said("我要投诉"))
    assert not one.heard(said("不可以", at=10, party=Party.AGENT))
    assert texts(one.heard(said("那我投诉", at=20))) == ["不可以 … 投诉"]


def test_or_and_not():
    body = 'or = [{any = ["退款"]}, {all = ["退", "钱"]}]'
    with pytest.raises(PackError, match=r"rule 1 \(r\): or 2: phrase '退' is too short"):
        rules(body)
    body = 'or = [{any = ["退款"]}, {all = ["不给", "我钱"]}]\nnot = {any = ["谢谢"]}'
    assert found(body, "要退款") == ["退款"]
    assert found(body, "不给退我钱") == ["不给 … 我钱"]
    assert not found(body, "谢谢帮我退款")


def test_not_phrases_speak_within_reach():
    body = 'any = ["投诉"]\nnot = ["不想"]'
    assert not found(body, "我不想投诉")
    assert not found(body, "投诉我不想")
    assert found(body, "我不想等了你们这样拖下去没有意思我就要投诉") == ["投诉"]
    one = listener(body)
    assert not one.heard(said("投诉", final=False))
    assert one.heard(said("投诉"))


def test_repeated_in_the_call():
    one = listener('any = ["投诉"]\nrepeat = 3')
    assert not one.heard(said("投诉投诉"))
    (hit,) = one.heard(said("我投诉", at=20, final=False))
    assert (hit.operator, hit.start_ms) == ("repeat", 4200)
    assert not one.heard(said("我投诉了", at=20))


def test_at_the_beginning():
    one = listener('any = ["无聊"]\nwithin_first_s = 10')
    assert one.heard(said("无聊"))
    assert not one.heard(said("无聊", at=50))


def test_at_the_end():
    one = listener('any = ["等着瞧"]\nwithin_last_s = 10')
    assert not one.heard(said("等着瞧"))
    assert not one.heard(said("等着瞧", at=100))
    (hit,) = one.closed(25_000)
    assert hit.start_ms == 20_000
    assert not one.closed(25_000)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("severity = 2", "nothing to find; expected phrases or another one of any, all"),
        ('not = ["退款"]', "nothing to find"),
        ('any = ["退款"]\nall = ["退货", "投诉"]', "any and all; expected"),
        ('any = ["退款"]\nnear = 3', "near has nothing to work on; expected it beside all"),
        ('any = ["退款"]\nn = 3', "n has nothing to work on; expected it beside n_of"),
        ('any = ["退款"]\nparty = "police"', "party is 'police'; expected caller, agent, either"),
        ('any = ["退款"]\nrepeat = 1', "repeat is 1; expected 2 to 100"),
        ('any = ["退款"]\nnot = 3', "not is 3; expected phrases or a condition"),
        ('any = ["退款"]\nnot = [""]', "phrase '' is too short"),
        ('any = ["退款"]\nnot = {overlap = 3}', "not: unknown key 'overlap'"),
        ('any = ["退款"]\ninnocent = []', r"innocent is \[\]; expected a list"),
        ('any = ["退款"]\nwithin_first_s = 0', "within_first_s is 0; expected 1 to 86400"),
        ('all = ["退款"]', "all has 1; expected two or more"),
        ('n_of = ["退款", "投诉"]\nn = 3', "n is 3; expected 1 to 2"),
        ("and = [3, 4]", "and 1: condition is 3; expected a table"),
        ('and = {any = ["退款"]}', "and is .*; expected a list of conditions"),
        ('or = [{or = [{or = [{or = [{any = ["退款"]}]}]}]}]', "too deep; expected 3"),
    ],
)
def test_what_no_one_can_mean_is_refused(body: str, reason: str):
    with pytest.raises(PackError, match=rf"p\.toml: rule 1 \(r\):? ?.*{reason}"):
        rules(body)
