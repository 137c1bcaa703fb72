"""What a rule may ask for beside words: how it is read, and where it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from callcenter.core.errors import PackError
from callcenter.core.records import CallerHistory, Hit, Known, Noticed, Party
from callcenter.scripts.match import CallListener, Matcher
from tests.scripts.rules import rules, said, texts

GREETINGS = 'greetings = ["您好", "喂", "听得到吗"]'
NIGHT = Known(CallerHistory(calls_24h=4), time(23, 10), withheld=False)


def listener(body: str, known: Known = NIGHT, head: str = GREETINGS) -> CallListener:
    return CallListener(Matcher(rules(body, head)), known)


def only(hits: object) -> Hit:
    assert isinstance(hits, list)
    (hit,) = hits
    assert isinstance(hit, Hit)
    return hit


def notice(kind: str, start_s: float, end_s: float, amount: float = 1) -> Noticed:
    return Noticed(kind, Party.CALLER, round(start_s * 1000), round(end_s * 1000), amount)


def holds(fact: str, known: Known) -> bool:
    return bool(listener(f'any = ["宝贝"]\n{fact}', known).heard(said("宝贝")))


# What is known before the call ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [
        ('"22:00-06:00"', ("22:00", "23:59", "00:00", "05:59"), ("06:00", "21:59", "12:00")),
        ('"12:00-14:00"', ("12:00", "13:59"), ("14:00", "11:59", "00:00")),
        ('["22:00-06:00", "12:00-14:00"]', ("13:00", "02:00"), ("15:00",)),
    ],
)
def test_h6_the_time_of_day_may_run_over_midnight(
    span: str, inside: tuple[str, ...], outside: tuple[str, ...]
):
    for at, there in [*((at, True) for at in inside), *((at, False) for at in outside)]:
        known = Known(local_time=time.fromisoformat(at))
        assert holds(f"time_of_day = {span}", known) is there, at


@pytest.mark.parametrize(
    ("fact", "known", "there"),
    [
        ("calls_24h = 3", Known(CallerHistory(calls_24h=3)), True),
        ("calls_24h = 3", Known(CallerHistory(calls_24h=2)), False),
        ("known_customer = true", Known(CallerHistory(known_customer=True)), True),
        ("known_customer = true", Known(CallerHistory()), False),
        ("known_customer = false", Known(CallerHistory()), True),
        ("known_customer = false", Known(CallerHistory(known_customer=True)), False),
        ('last_verdict = "harassment"', Known(CallerHistory(last_verdict="harassment")), True),
        ('last_verdict = "harassment"', Known(CallerHistory(last_verdict="complaint")), False),
        ("withheld = true", Known(withheld=True), True),
        ("withheld = true", Known(withheld=False), False),
        ("withheld = false", Known(withheld=False), True),
    ],
)
def test_h5_what_is_known_of_the_number(fact: str, known: Known, there: bool):
    assert holds(fact, known) is there


@pytest.mark.parametrize(
    "fact",
    [
        'time_of_day = "00:00-23:59"',
        "calls_24h = 1",
        "known_customer = false",
        "known_customer = true",
        'last_verdict = "ordinary"',
        "withheld = true",
        "withheld = false",
    ],
)
def test_of_what_is_not_known_nothing_holds(fact: str):
    assert not holds(fact, Known())


def test_a_hit_names_the_facts_it_rests_on():
    body = 'any = ["宝贝"]\nwhy = "夜里调情"\ntime_of_day = "22:00-06:00"\ncalls_24h = 3'
    hit = only(listener(body).heard(said("小宝贝")))
    assert (hit.text, hit.start_ms) == ("宝贝", 200)
    assert hit.why == "夜里调情：“宝贝”（23:10 来电，24 小时内已来电 4 次）"


@pytest.mark.parametrize(
    ("body", "there"),
    [
        ('and = [{any = ["宝贝"]}, {time_of_day = "22:00-06:00"}]', True),
        ('and = [{any = ["宝贝"]}, {time_of_day = "12:00-14:00"}]', False),
        (
            'and = [{any = ["宝贝"]}, {any = ["寂寞"]}, {calls_24h = 4}]\nnear = 2\norder = true',
            True,
        ),
        ('and = [{any = ["寂寞"]}, {any = ["宝贝"]}, {calls_24h = 4}]\norder = true', False),
        ('and = [{any = ["宝贝"]}, {or = [{calls_24h = 9}, {withheld = false}]}]', True),
        ('and = [{any = ["宝贝"]}, {or = [{calls_24h = 9}, {withheld = true}]}]', False),
        ('and = [{any = ["宝贝"]}, {and = [{calls_24h = 2}, {withheld = false}]}]', True),
        ('and = [{any = ["宝贝"]}, {and = [{calls_24h = 2}, {withheld = true}]}]', False),
        ('and = [{any = ["宝贝"]}, {calls_24h = 2, withheld = false}]', True),
        ('and = [{any = ["宝贝"]}, {calls_24h = 2, not = {withheld = false}}]', False),
        ('any = ["宝贝"]\nnot = {known_customer = true}', True),
        ('any = ["宝贝"]\nnot = {known_customer = false}', False),
        ('any = ["宝贝"]\nnot = {any = ["你好"], calls_24h = 2}', True),
        ('any = ["宝贝"]\nnot = {any = ["寂寞"], calls_24h = 2}', False),
        ('any = ["宝贝"]\nnot = {any = ["寂寞"], calls_24h = 9}', True),
        ('any = ["宝贝"]\nnot = ["不叫"]\ncalls_24h = 2', True),
        ('any = ["宝贝"]\nrepeat = 2\ncalls_24h = 2', False),
        ('and = [{or = [{any = ["宝贝"]}, {any = ["心肝"]}]}, {any = ["寂寞"]}]\nnear = 2', True),
    ],
)
def test_facts_combine_with_and_or_not_and_repeat(body: str, there: bool):
    assert bool(listener(body).heard(said("宝贝我寂寞"))) is there


# What is noticed in the call -----------------------------------------------------------------


def test_h7_what_the_agent_ticks():
    one = listener('ticked = ["laughter", "several_voices"]\nwhy = "起哄"\nnot = {any = ["订单"]}')
    assert not one.noticed(notice("overlap", 1, 2, 9))
    hit = only(one.noticed(notice("laughter", 5, 5)))
    assert (hit.operator, hit.start_ms, hit.end_ms) == ("ticked", 5000, 5001)
    assert (hit.text, hit.why) == ("〔座席听到笑声〕", "起哄：座席听到笑声")
    assert not one.noticed(notice("laughter", 5, 5))
    assert not one.heard(said("哈哈哈"))
    assert not one.closed(9000)
    assert only(one.noticed(notice("several_voices", 7, 7))).text == "〔座席听到几个人的声音〕"
    one.heard(said("我的订单呢", at=50))
    assert not one.noticed(notice("laughter", 20, 20))


def test_h7_laughter_and_words_in_either_order():
    body = 'and = [{any = ["猜我是谁"]}, {ticked = ["laughter"]}]\nnear_ms = 60000'
    for laughs_first in (True, False):
        one = listener(body)
        if laughs_first:
            assert not one.noticed(notice("laughter", 1, 1))
            hit = only(one.heard(said("你猜我是谁", at=20)))
        else:
            assert not one.heard(said("你猜我是谁", at=20))
            hit = only(one.noticed(notice("laughter", 9, 9)))
        assert set(hit.text.split(" … ")) == {"〔座席听到笑声〕", "猜我是谁"}
        assert (hit.operator, hit.party) == ("and", Party.CALLER)


def test_d4_both_speak_at_once():
    one = listener("overlap_s = 3")
    assert not one.noticed(notice("overlap", 0, 9, 2.9))
    hit = only(one.noticed(notice("overlap", 0, 10, 3.2)))
    assert (hit.operator, hit.text) == ("overlap", "〔30 秒内同时说话 3 秒〕")
    assert not one.noticed(notice("overlap", 0, 11, 4.2))
    assert one.noticed(notice("overlap", 60, 70, 4))


def test_d1_loud_speech_has_to_last():
    one = listener("loud = {rise_db = 10, seconds = 3}")
    assert not one.noticed(notice("rise", 20, 21, 12))
    assert not one.noticed(notice("level", 21, 22, -3))
    assert not one.noticed(notice("rise", 22, 23, 11))
    hit = only(one.noticed(notice("rise", 24.5, 25.5, 13)))
    assert (hit.operator, hit.start_ms, hit.end_ms) == ("loud", 20_000, 25_500)
    assert not one.noticed(notice("rise", 25.5, 26.5, 13)), "the same shouting"
    assert not one.noticed(notice("rise", 27, 28, 9))
    for second in (28, 29):
        assert not one.noticed(notice("rise", second, second + 1, 12))
    assert not one.noticed(notice("rise", 40, 41, 12)), "after a pause it begins anew"
    assert not one.noticed(notice("rise", 41, 42, 12))
    assert one.noticed(notice("rise", 42, 43, 12))


def test_d5_the_agent_may_be_the_loud_one():
    one = listener('loud = {dbfs = -12}\nparty = "agent"')
    assert not one.noticed(notice("level", 3, 4, -6))
    hit = only(one.noticed(Noticed("level", Party.AGENT, 3000, 4000, -12)))
    assert (hit.party, hit.text) == (Party.AGENT, "〔音量 -12 dBFS〕")


def test_d1_pace_is_that_of_a_whole_segment():
    one = listener("pace = 8")
    slow = said("你们到底什么时候给我送货啊")
    fast = replace(slow, end_ms=1500)
    assert not one.heard(slow)
    assert not one.heard(replace(slow, end_ms=900)), "too short to tell"
    assert not one.heard(replace(slow, end_ms=0)), "no time at all"
    hit = only(one.heard(fast))
    assert (hit.operator, hit.text) == ("pace", "〔每秒 8.7 字〕")


def test_facts_can_be_repeated_and_have_their_place():
    one = listener('ticked = ["laughter"]\nrepeat = 2\nwithin_first_s = 60')
    assert not one.noticed(notice("laughter", 5, 5))
    assert only(one.noticed(notice("laughter", 9, 9))).operator == "repeat"
    assert not one.noticed(notice("laughter", 61, 61))


def test_hits_of_the_calls_end_rest_on_notices_too():
    one = listener('ticked = ["laughter"]\nwithin_last_s = 10')
    assert not one.noticed(notice("laughter", 5, 5))
    assert not one.noticed(notice("laughter", 25, 25))
    assert only(one.closed(30_000)).start_ms == 25_000


# Silence -------------------------------------------------------------------------------------

SILENT = "silence = {after_greetings = 2, seconds = 5}"


def greeted(one: CallListener, *at_s: int) -> None:
    for at in at_s:
        assert not one.heard(said("喂您好听得到吗", at=at * 5, party=Party.AGENT))


def test_live_the_sound_says_that_the_caller_is_silent():
    one = listener(SILENT + '\nwhy = "没有出声"')
    greeted(one, 1, 5)  # the second one ends at 6.4 s
    assert not one.noticed(notice("silence", 0, 11, 11))
    hit = only(one.noticed(notice("silence", 0, 12, 12)))
    assert (hit.operator, hit.start_ms, hit.end_ms) == ("silence", 1000, 11_400)
    assert hit.why == "没有出声：问候 2 次，5 秒没有回应"
    assert not one.noticed(notice("silence", 0, 13, 13))
    assert not one.closed(14_000)


def test_a_sound_or_a_word_between_them_is_an_answer():
    one = listener(SILENT)
    greeted(one, 1, 5)
    assert not one.noticed(notice("silence", 4, 20, 16)), "a sound after the first greeting"
    one.heard(said("我在", at=50))
    assert not one.noticed(notice("silence", 0, 20, 20)), "words that were softer than the gate"
    assert not one.closed(60_000), "live, the sound decides"
    greeted(one, 70, 75)
    assert one.noticed(notice("silence", 60, 90, 30))


def test_late_greetings_count_with_the_next_second_of_silence():
    one = listener(SILENT)
    assert not one.noticed(notice("silence", 0, 20, 20))
    greeted(one, 1, 5)
    assert one.closed(20_500)


def test_of_a_transcript_alone_no_words_are_silence():
    one = listener(SILENT)
    greeted(one, 1, 5)
    assert not one.closed(11_000)
    assert one.closed(11_400)
    one = listener(SILENT)
    greeted(one, 1, 5)
    one.heard(said("您好我想问一下", at=40))  # from 8 s on
    greeted(one, 20, 25)
    one.heard(said("不好意思", at=200))
    assert only(one.closed(60_000)).start_ms == 20_000


def test_what_does_not_greet_is_no_greeting():
    one = listener(SILENT)
    greeted(one, 1)
    one.heard(said("请问要办什么业务", at=25, party=Party.AGENT))
    one.heard(said("您好", at=50))  # the caller's own
    assert not one.noticed(notice("silence", 0, 30, 30))


# What no one can mean ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('time_of_day = "22:00-06:00"', "holds before anybody speaks"),
        ("calls_24h = 3\nwithheld = true", "holds before anybody speaks"),
        ('and = [{withheld = true}, {time_of_day = "22:00-06:00"}]', "holds before anybody"),
        ("or = [{withheld = true}, {calls_24h = 3}]", "holds before anybody speaks"),
        ('or = [{any = ["退款"]}, {calls_24h = 3}]', "or has facts known before the call"),
        ("withheld = true\nnot = {any = ['退款']}", "holds before anybody speaks"),
        ("withheld = true\nnot = ['退款']", "not has phrases beside what is no phrase"),
        ("withheld = true\nrepeat = 2", "repeat has nothing to work on"),
        ("withheld = true\nwithin_last_s = 2", "within_last_s has nothing to work on"),
        ('any = ["退款"]\ntime_of_day = "22-6"', "time_of_day is '22-6'; expected a time such as"),
        ('any = ["退款"]\ntime_of_day = "24:00-06:00"', "time_of_day is '24:00-06:00'"),
        ('any = ["退款"]\ntime_of_day = "22:00-22:00"', "an end that is not its start"),
        ('any = ["退款"]\ntime_of_day = []', r"time_of_day is \[\]; expected a time"),
        ('any = ["退款"]\ntime_of_day = 22', "time_of_day is 22; expected a time"),
        ('any = ["退款"]\ncalls_24h = -1', "calls_24h is -1; expected 1 to 1000"),
        ('any = ["退款"]\ncalls_24h = 2.5', "calls_24h is 2.5; expected 1 to 1000"),
        ('any = ["退款"]\nknown_customer = "no"', "known_customer is 'no'; expected true or false"),
        ('any = ["退款"]\nwithheld = 1', "withheld is 1; expected true or false"),
        (
            'any = ["退款"]\nlast_verdict = "guilty"',
            "last_verdict is 'guilty'; expected harassment",
        ),
        ("overlap_s = -3", "overlap_s is -3; expected 1 to 30"),
        ("overlap_s = 31", "overlap_s is 31; expected 1 to 30"),
        ("pace = 4", "pace is 4; expected 6 to 20"),
        ("loud = 12", "loud is 12; expected a table of rise_db"),
        ("loud = {}", "loud: expected rise_db or dbfs, one of them"),
        ("loud = {rise_db = 10, dbfs = -9}", "loud: expected rise_db or dbfs, one of them"),
        ("loud = {rise_db = -10}", "loud: rise_db is -10; expected 1 to 60"),
        ("loud = {dbfs = 3}", "loud: dbfs is 3; expected -60 to 0"),
        ("loud = {dbfs = -3, seconds = 0}", "loud: seconds is 0; expected 1 to 60"),
        ("loud = {dbfs = -3, minutes = 1}", "loud: unknown key 'minutes'"),
        ("ticked = []", r"ticked is \[\]; expected a list of tick-boxes"),
        ('ticked = ["a dog"]', "ticked has 'a dog'; expected laughter or several_voices"),
        ("ticked = [[1]]", r"ticked has \[1\]; expected laughter"),
        ("silence = 5", "silence is 5; expected a table of after_greetings and seconds"),
        ("silence = {seconds = 5}", "silence: expected both after_greetings and seconds"),
        ("silence = {after_greetings = 0, seconds = 5}", "after_greetings is 0; expected 1 to 10"),
        ("silence = {after_greetings = 2, seconds = -5}", "seconds is -5; expected 1 to 600"),
        ("silence = {after_greetings = 2, second = 5}", "silence: unknown key 'second'"),
        ('pace = 8\nany = ["退款"]', "any and pace; expected"),
        (
            'pace = 8\ninnocent = ["退款"]',
            "innocent has nothing to work on; expected it beside phr",
        ),
        ("pace = 8\nnear = 3", "near has nothing to work on; expected it beside all"),
        ('pace = 8\nnot = ["退款"]', "not has phrases beside what is no phrase"),
        ('overlap_s = 3\nparty = "agent"', "party has nothing to work on"),
        ('and = [{any = ["退款"]}, {pace = 8}]\nnear = 3', "near counts characters"),
        ('and = [{any = ["退款"]}, {calls_24h = 3}]\nnear = 3', "near has nothing to work on"),
        ('and = [{any = ["退款"]}, {greetings = ["您好"]}]', "unknown key 'greetings'"),
    ],
)
def test_what_no_one_can_mean_is_refused(body: str, reason: str):
    with pytest.raises(PackError, match=rf"p\.toml: rule 1 \(r\):? ?.*{reason}"):
        rules(body, GREETINGS)


def test_silence_needs_greetings():
    with pytest.raises(PackError, match="silence: the pack says no greetings; expected a list"):
        rules(SILENT)


def test_a_hit_of_a_phrase_alone_says_what_it_always_said():
    assert texts(listener('any = ["宝贝"]').heard(said("宝贝"))) == ["宝贝"]
