"""The words on the screens, in Chinese, for the names that code and database use. Pure."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS = {"harassment": "骚扰", "complaint": "投诉", "suggestion": "建议"}

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "sexual": ("harassment", "低俗"),
    "insult": ("harassment", "辱骂"),
    "threat": ("harassment", "威胁"),
    "prank": ("harassment", "恶作剧"),
    "silent": ("", "无声"),
    "quality": ("complaint", "质量"),
    "delivery": ("complaint", "送货"),
    "refund": ("complaint", "退款"),
    "attitude": ("complaint", "服务态度"),
    "repeated_contact": ("complaint", "多次联系"),
    "escalation": ("complaint", "要求升级"),
    "anger": ("complaint", "愤怒"),
    "complaint": ("complaint", "投诉"),
    "suggestion": ("suggestion", "建议"),
}
"""Category: what it counts as, and its name."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "party": {"caller": "来电人", "agent": "座席"},
    "state": {
        "screening": "核对号码",
        "ringing": "振铃",
        "talking": "通话中",
        "line_fault": "播放提示 A",
        "analysis": "播放提示 B",
        "ended": "已结束",
    },
    "prompt": {"line_fault": "提示 A · 线路故障", "analysis": "提示 B · 分析队列"},
    "prompt_short": {"line_fault": "提示 A", "analysis": "提示 B"},
    "prompt_text": {
        "line_fault": "您好，您好，听得到吗？对不起，线路故障，请您稍后再拨。",
        "analysis": "您已进入来电自动分析系统，请稍候……分析完成，请挂断。",
    },
    "ended_by": {"caller": "来电人", "agent": "座席", "system": "系统"},
    "call_result": {
        "answered": "已接听",
        "abandoned": "来电人放弃",
        "rejected": "未接听",
        "interrupted": "意外中断",
        "ring_no_answer": "振铃未接听",
        "blocked": "黑名单",
        "voicemail": "已留言",
        "concurrency_limit": "并发限制",
    },
    "disposition": {
        "harassment": "骚扰",
        "suspected": "疑似骚扰",
        "silent": "无声",
        "complaint": "投诉",
        "suggestion": "建议",
        "ordinary": "普通",
        "blocked": "黑名单",
        "abandoned": "来电人放弃",
        "rejected": "未接听",
    },
    "verdict": {"harassment": "骚扰", "complaint": "投诉", "ordinary": "普通"},
    "type": {"enquiry": "咨询", "suggestion": "建议", "complaint": "投诉"},
    "status": {"draft": "草稿", "open": "处理中", "closed": "已办结"},
    "decision": {"proposed": "建议终止", "withdrawn": "收回建议", "confirmed": "确认终止"},
}

HUES = {
    "harassment": "harassment",
    "suspected": "harassment",
    "blocked": "prompt",
    "complaint": "complaint",
}
"""Dispositions and verdicts that have a colour; the others stay neutral."""


def word(kind: str, name: str | None) -> str:
    """The word for a name; the name itself where there is none, "—" where it is empty."""
    return WORDS[kind].get(name or "", name or "—")


def category(name: str) -> str:
    """A category as people read it: 骚扰 · 辱骂."""
    group, label = CATEGORIES.get(name, ("", name))
    return f"{GROUPS[group]} · {label}" if group and GROUPS[group] != label else label


def hue(name: str) -> str:
    """The colour class of a category, disposition or verdict; "" for none."""
    if name in CATEGORIES:
        group = CATEGORIES[name][0]
        return group if group in ("harassment", "complaint") else ""
    return HUES.get(name, "")


def for_scripts() -> dict[str, Mapping[str, object]]:
    """Every word that the pages' scripts need."""
    return {**WORDS, "group": GROUPS, "category": {k: list(v) for k, v in CATEGORIES.items()}}
