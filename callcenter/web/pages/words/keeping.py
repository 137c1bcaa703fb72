"""The words for what is kept, held and erased (保留与删除). Part of words."""

from __future__ import annotations

from collections.abc import Mapping

KEEPING_WORDS: Mapping[str, Mapping[str, str]] = {
    "kept_class": {"ordinary": "普通通话", "complaint": "投诉", "harassment": "骚扰"},
    "kept_part": {"sound": "录音", "words": "文字", "record": "号码与内容"},
    "held_by": {
        "placed": "人工保全",
        "case": "案件未结",
        "complaint": "投诉未结",
        "unfinished": "未完成或有争议",
    },
    "hold_subject": {"call": "一通电话", "source": "一个号码", "customer": "客户", "case": "案件"},
    "hold_state": {"standing": "保全中", "lifted": "已解除"},
    "hold_action": {"place": "加保全", "lift": "解除保全"},
    "erasure_subject": {"number": "电话号码", "customer": "客户"},
    "erasure_state": {
        "asked": "等第二人批准",
        "refused": "未批准",
        "approved": "待删除",
        "done": "已删除",
    },
    "erasure_action": {
        "ask": "申请删除",
        "approve": "批准",
        "refuse": "不批准",
        "erase": "删除完成",
    },
    "keeping_action": {
        "clear_sound": "删除录音",
        "clear_words": "删除文字",
        "clear_record": "号码匿名",
    },
    "login_action": {
        "invite": "给一次性链接",
        "set_password": "用链接设密码",
        "change_password": "改密码",
        "make_token": "发程序令牌",
        "take_token": "收回令牌",
        "factor_on": "开二次验证",
        "factor_off": "关二次验证",
    },
    "erased": {
        "call": "通话",
        "work_order": "工单",
        "complaint": "投诉",
        "follow_up": "回访",
        "message": "短信与邮件",
        "customer": "客户档案",
    },
}
