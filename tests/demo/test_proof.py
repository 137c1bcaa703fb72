"""The demo as `make demo` runs it, to its end."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def test_the_demo_proves_itself(tmp_path: Path, run_callcenter):
    """`callcenter demo --once`, as `make demo` runs it: five calls, piped, with its summary."""
    file = tmp_path / "summary.json"
    done = run_callcenter(
        "demo", "--once", "--port", "0", "--json", str(file), "--data", str(tmp_path / "data")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b" not in done.stdout, "plain lines in a pipe"
    assert "http://127.0.0.1:" in done.stdout
    summary = json.loads(file.read_text("utf-8"))
    assert summary["ok"] is True
    calls = {call["scenario"]: call for call in summary["calls"]}
    assert list(calls) == ["enquiry", "complaint", "harassment", "silent", "blocked"]
    assert all(call["cer"] <= 0.05 for call in calls.values())
    assert [bool(call["hits"]) for call in calls.values()] == [False, True, True, True, False]
    for name in ("harassment", "silent", "blocked"):
        (prompt,) = calls[name]["prompts"]
        assert prompt["file_ms"] == prompt["sent_ms"] == prompt["heard_ms"]
    for call in calls.values():
        sound = Path(call["recording"]["path"]).read_bytes()
        assert hashlib.sha256(sound).hexdigest() == call["recording"]["sha256"]
    assert calls["blocked"]["work_order"] is None
    assert calls["complaint"]["work_order"]["type"] == "complaint"
