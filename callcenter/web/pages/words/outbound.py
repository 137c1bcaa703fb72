"""The sentences that tell why a number was not dialled. Part of words."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.core.outbound import Rule

OUTBOUND_WORDS: Mapping[str, Mapping[str, str]] = {
    "dial_refused": {
        Rule.BARRED.value: "不能拨打 {limit} 开头的号码（国际、声讯等）；确有需要请找管理员放开",
        Rule.NOT_ALLOWED.value: "只能拨打这些开头的号码：{limit}；确有需要请找管理员放开",
        Rule.HOURS.value: "现在不在外呼时间，可外呼的时间是 {limit}",
        Rule.AGENT_MINUTES.value: "您今天的外呼已满 {limit} 分钟，请找主管",
        Rule.HOUSE_MINUTES.value: "全员今天的外呼已满 {limit} 分钟，请找主管",
        Rule.AT_ONCE.value: "同时外呼的通话已有 {limit} 路，请稍候再拨",
        Rule.REPEATS.value: "这个号码今天已拨打 {limit} 次，请改天再拨",
    }
}
"""Rule: the sentence, with the limit in it."""
