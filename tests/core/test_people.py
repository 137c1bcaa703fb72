"""Who may decide what."""

from __future__ import annotations

import pytest

from callcenter.core.errors import Refused
from callcenter.core.people import check_supervisor


def test_a_supervisor_is_one_of_those_named_and_anybody_where_none_is():
    assert check_supervisor(" 王芳 ", ("王芳", "8001")) == "王芳"
    assert check_supervisor("张三", ()) == "张三"


@pytest.mark.parametrize("supervisors", [(), ("王芳",)])
def test_nobody_is_no_supervisor(supervisors):
    with pytest.raises(Refused, match="expected their name"):
        check_supervisor("  ", supervisors)


def test_a_stranger_is_told_who_decides():
    with pytest.raises(
        Refused, match="张三 is no supervisor; this is decided by one of: 王芳, 8001"
    ):
        check_supervisor("张三", ("王芳", "8001"))
