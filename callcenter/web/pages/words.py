"""The words on the screens for the names that code and database use, said as the page speaks."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.web.pages.language import say

GROUPS = {"harassment": "骚扰", "complaint": "投诉", "suggestion": "建议", "agent": "座席"}

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "sexual": ("harassment", "低俗"),
    "insult": ("harassment", "辱骂"),
    "threat": ("harassment", "威胁"),
    "prank": ("harassment", "恶作剧"),
    "likely_harassment": ("harassment", "像骚扰"),
    "silent": ("", "无声"),
    "laughter": ("", "笑声"),
    "several_voices": ("", "几个人的声音"),
    "quality": ("complaint", "质量"),
    "delivery": ("complaint", "送货"),
    "refund": ("complaint", "退款"),
    "attitude": ("complaint", "服务态度"),
    "repeated_contact": ("complaint", "多次联系"),
    "escalation": ("complaint", "要求升级"),
    "anger": ("complaint", "愤怒"),
    "complaint": ("complaint", "投诉"),
    "likely_complaint": ("complaint", "像投诉"),
    "suggestion": ("suggestion", "建议"),
    "banned": ("agent", "服务忌语"),
}
"""Category: what it counts as, and its name."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "party": {"caller": "来电人", "agent": "座席"},
    "state": {
        "screening": "核对号码",
        "ringing": "振铃",
        "dialling": "正在呼出",
        "talking": "通话中",
        "held": "保持中",
        "transferring": "转接中",
        "consulting": "商议中",
        "sending_on": "转外线中",
        "away": "座席声音中断",
        "offered": "座席声音中断，待接",
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
    "direction": {"inbound": "呼入", "outbound": "呼出"},
    "not_taken": {
        "busy": "对方占线",
        "no_answer": "无人接听",
        "rejected": "对方拒接",
        "not_found": "号码不存在",
        "unreachable": "无法接通",
        "cancelled": "已取消",
    },
    "mode": {"listen": "监听", "whisper": "耳语", "barge": "强插"},
    "handling": {
        "held": "保持",
        "resumed": "取回",
        "away": "座席声音中断",
        "digits": "按键",
        "pressed": "对方按键",
        "transfer": "转接",
        "consulted": "接起商议",
        "transferred": "移交",
        "returned": "转回",
        "joined": "加入",
        "left": "退出",
    },
    "how": {
        "blind": "直接转",
        "attended": "先商议",
        "outside": "外线",
        "away": "断开",
        "back": "恢复",
        "offered": "转由他人接起",
        "listen": "监听",
        "whisper": "耳语",
        "barge": "强插",
    },
    "returned": {
        "no_answer": "无人接听",
        "declined": "未接",
        "left": "对方退出",
        "taken_back": "座席取回",
    },
    "verdict": {"harassment": "骚扰", "complaint": "投诉", "ordinary": "普通"},
    "promise": {
        "call_back": "回电",
        "reply": "答复",
        "refund": "退款",
        "visit": "上门",
        "send": "寄出",
        "solve": "办好",
    },
    "promise_status": {"offered": "待确认", "accepted": "已列为回访", "dismissed": "不算承诺"},
    "type": {"enquiry": "咨询", "suggestion": "建议", "complaint": "投诉", "repair": "报修"},
    "order_state": {
        "draft": "草稿",
        "pending": "待处理",
        "in_progress": "处理中",
        "awaiting_reply": "待回复",
        "awaiting_follow_up": "待回访",
        "closed": "已办结",
        "archived": "已归档",
    },
    "block": {
        "proposed": "建议拉黑",
        "approved": "批准拉黑",
        "refused": "不予拉黑",
        "lifted": "解除拉黑",
    },
    "case_state": {
        "open": "已立案",
        "warned": "已警告",
        "reported_carrier": "已报运营商",
        "reported_police": "已报警",
        "closed": "已结案",
    },
    "case_action": {
        "opened": "立案",
        "note": "记事",
        "add_calls": "并入通话",
        "source_type": "改来源类型",
        "warning_letter": "发警告函",
        "report_carrier": "报运营商",
        "report_police": "报警",
        "number_recovered": "找回号码",
        "close": "结案",
        "reopen": "重新立案",
    },
    "source_type": {
        "unknown": "不明",
        "home": "住宅电话",
        "payphone": "公用电话",
        "office": "单位值班电话",
    },
    "decision": {
        "steer_back": "引导转回主题",
        "proposed": "建议终止",
        "withdrawn": "收回建议",
        "dismissed": "判定不是骚扰",
        "confirmed": "确认终止",
        "undone": "撤销终止",
        "ticked": "座席勾选",
    },
    "rung": {
        "suspicion": "有骚扰记录",
        "steer_back": "引导转回主题",
        "silent": "无声",
        "proposed": "建议终止",
        "cleared": "不是骚扰",
        "confirmed": "已确认",
        "line_fault": "提示 A",
        "analysis": "提示 B",
        "block": "黑名单 · 提示 B",
    },
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
    found = WORDS[kind].get(name or "")
    return say(found) if found else name or "—"


def category(name: str) -> str:
    """A category as people read it: 骚扰 · 辱骂."""
    group, label = CATEGORIES.get(name, ("", name))
    alone = not group or GROUPS[group] == label
    return say(label) if alone else f"{say(GROUPS[group])} · {say(label)}"


def group(name: str) -> str:
    """What a category counts as: harassment, complaint, suggestion, or "" for none."""
    return CATEGORIES.get(name, ("", ""))[0]


def hue(name: str) -> str:
    """The colour class of a category, disposition or verdict; "" for none."""
    if name in CATEGORIES:
        group = CATEGORIES[name][0]
        return group if group in ("harassment", "complaint") else ""
    return HUES.get(name, "")


def for_scripts() -> dict[str, Mapping[str, object]]:
    """Every word that the pages' scripts need."""
    told: dict[str, Mapping[str, object]] = {
        kind: {name: say(text) for name, text in names.items()}
        for kind, names in {**WORDS, "group": GROUPS}.items()
    }
    return {
        **told,
        "hue": HUES,
        "category": {k: [g, say(name)] for k, (g, name) in CATEGORIES.items()},
    }
