from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.promises import ACTIONS, hear, promised
from callcenter.core.records import Party, Segment

HERE = ZoneInfo("Asia/Shanghai")
SUNDAY = datetime(2026, 11, 22, 10, 40, tzinfo=HERE)
WORDS = [
    "明天",
    "三天内",
    "下午三点前",
    "半小时后",
    "下周一",
    "月底",
    "稍后",
    "给您",
    "回电",
    "答复",
    "退款",
    "上门",
    "寄出",
    "联系您",
    "我",
    "您",
    "不",
    "没",
    "如果",
    "可以吗",
    "吗",
    "了",
    "，",
    "。",
    "？",
    "处理好",
    "一",
    "点",
    "之前",
]
PIECES = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001


def heard(text: str) -> list[tuple[str, str, str]]:
    found = promised(text, SUNDAY)
    return [(what, f"{due.astimezone(HERE):%m-%d %H:%M}", said) for what, due, said in found]


PROMISES = [
    ("明天给您回电", "call_back", "11-23 10:00"),
    ("三天内答复", "reply", "11-25 10:40"),
    ("下午三点前给您打过去", "call_back", "11-22 15:00"),
    ("一个工作日内给您答复", "reply", "11-23 10:40"),
    ("半小时后给您回电话", "call_back", "11-22 11:10"),
    ("下周一上午联系您", "call_back", "11-23 10:00"),
    ("月底之前给您退款", "refund", "11-30 18:00"),
    ("好的先生我明天下午三点前给您回电话", "call_back", "11-23 15:00"),
    ("我们师傅明天上午上门给您维修", "visit", "11-23 10:00"),
    ("工程师会在两个小时之内联系您", "call_back", "11-22 12:40"),
    ("三到五个工作日退款到账", "refund", "11-27 10:40"),
    ("退款会在三个工作日内到账", "refund", "11-25 10:40"),
    ("今天下班前给您回复", "reply", "11-22 17:00"),
    ("今晚给您打电话", "call_back", "11-22 19:00"),
    ("请您放心我明天给您回电", "call_back", "11-23 10:00"),
    ("麻烦您稍等一下我十分钟后给您回电", "call_back", "11-22 10:50"),
    ("稍后给您回电", "call_back", "11-22 11:10"),
    ("二十四小时内会有专人联系您", "call_back", "11-23 10:40"),
    ("我25号之前把货给您寄出", "send", "11-24 18:00"),
    ("最迟明天中午十二点给您回复", "reply", "11-23 12:00"),
    ("我给您回电话，最晚明天上午", "call_back", "11-23 10:00"),
    ("您的问题已经记录了，三天之内一定给您处理好", "solve", "11-25 10:40"),
    ("问题记好了三天之内一定给您处理好", "solve", "11-25 10:40"),
    ("一个半小时以后再给您打过去", "call_back", "11-22 12:10"),
    ("明天早上九点半我再打给您", "call_back", "11-23 09:30"),
    ("不用您再打我明天给您回电", "call_back", "11-23 10:00"),
    ("您不用担心，明天给您回电", "call_back", "11-23 10:00"),
    ("我明天给您回电，您还有其他问题吗？", "call_back", "11-23 10:00"),
    ("我明天给您回电您还有其他问题吗", "call_back", "11-23 10:00"),
    ("您好三天内会答复", "reply", "11-25 10:40"),
    ("您订的婴儿床我们明天发货", "send", "11-23 10:00"),
    ("我让主管明天上午十点给您回电", "call_back", "11-23 10:00"),
    ("会在七个工作日之内原路退回", "refund", "12-01 10:40"),
    ("等会儿我打给您", "call_back", "11-22 11:10"),
    ("明天我给您去个电话", "call_back", "11-23 10:00"),
    ("尽量明天给您回电", "call_back", "11-23 10:00"),
    ("立刻派人，十分钟换好", "solve", "11-22 10:50"),
]
QUESTIONS_AND_OFFERS = [
    "明天给您回电可以吗",
    "明天给您回电，您看可以吗",
    "明天给您回电行吗？",
    "要不要明天给您回电",
    "要不明天给您回电",
    "如果您着急，我明天给您回电",
    "方便的话明天给您回电",
    "是不是明天给您回电",
    "明天能不能给您回电我不确定",
    "什么时候给您回电",
    "给您回电明天好吗",
]
NEGATIONS = [
    "明天不能给您回电",
    "三天内没办法答复",
    "不是明天给您回电",
    "可能明天给您回电",
    "明天没人给您回电",
    "不保证三天内答复",
    "晚上十点以后不能派人",
    "不一定明天给您回电",
    "三天内不退钱我就上门",
]
OVER = [
    "昨天给您回电了",
    "三天前给您退款了",
    "今天已经给您退款了",
    "上周三给您答复",
    "今天上午给您打过电话",
    "等了三天没人给您回电",
    "我昨天就说了明天给您回电",
    "说好明天给您回电",
    "寄过去十天了",
]
OF_THE_CALLER = [
    "您希望明天给您回电是吗",
    "您说明天给您回电",
    "您要三天内给您退款",
    "请您明天再回电",
    "您明天给我们回电",
    "明天上午您打给我",
    "您可以七天内退款",
    "七天内可以退款",
    "您明天上门来取",
]
NOTHING_BY_A_TIME = [
    "给您回电",
    "尽快给您答复",
    "今天天气很好",
    "快一点给您回电",
    "上午好请问要退款吗",
    "稍后为您处理好",
    "您的最晚上门时间",
]
NONE = QUESTIONS_AND_OFFERS + NEGATIONS + OVER + OF_THE_CALLER + NOTHING_BY_A_TIME


@pytest.mark.parametrize(("text", "what", "due"), PROMISES)
def test_d9_w12_a_promise_is_heard_with_its_time(text: str, what: str, due: str) -> None:
    assert [(one, at) for one, at, _ in heard(text)] == [(what, due)]


@pytest.mark.parametrize("text", NONE)
def test_d9_what_binds_nobody_is_no_promise(text: str) -> None:
    assert heard(text) == []


def test_w12_the_words_are_kept_as_heard() -> None:
    assert (
        heard("好的先生，我明天下午三点前给您回电话，您别急。")[0][2] == "明天下午三点前给您回电话"
    )


def test_two_promises_in_one_breath() -> None:
    assert heard("明天给您回电三天内给您退款") == [
        ("call_back", "11-23 10:00", "明天给您回电"),
        ("refund", "11-25 10:40", "三天内给您退款"),
    ]


def test_only_a_finished_segment_of_the_agent_promises() -> None:
    said = Segment(Party.AGENT, 60_000, 63_000, "我十分钟后给您回电")
    [promise] = hear("c1", said, SUNDAY)
    assert promise.due_at == datetime(2026, 11, 22, 2, 51, tzinfo=UTC)
    assert (promise.start_ms, promise.end_ms, promise.status) == (60_000, 63_000, "offered")
    assert hear("c1", Segment(Party.CALLER, 0, 900, "我十分钟后给您回电"), SUNDAY) == []
    assert hear("c1", Segment(Party.AGENT, 0, 900, "我十分钟后给您回电", final=False), SUNDAY) == []


def test_each_promise_has_an_id_of_its_own() -> None:
    said = Segment(Party.AGENT, 5000, 9000, "明天给您回电三天内给您退款")
    assert [one.promise_id for one in hear("c1", said, SUNDAY)] == ["c1-5000-1", "c1-5000-2"]


@given(PIECES | st.text(max_size=60), st.datetimes(EARLIEST, LATEST))
def test_never_raises_and_the_due_time_is_always_later(text: str, at: datetime) -> None:
    said_at = at.replace(tzinfo=HERE)
    for what, due_at, words in promised(text, said_at):
        assert what in ACTIONS
        assert due_at > said_at.astimezone(UTC)
        assert words in text


@pytest.mark.parametrize(
    "piece", ["明天", "一", "半个小时给您打", "三点半刻", "您看", "\x00", "😀", " "]
)
def test_ten_thousand_characters_of_anything_are_read(piece: str) -> None:
    for promise in hear("c1", Segment(Party.AGENT, 0, 9, (piece * 10_000)[:10_000]), SUNDAY):
        assert promise.due_at > SUNDAY
