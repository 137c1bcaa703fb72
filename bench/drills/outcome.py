"""What came of a drill: figures, and what was not as it must be. Touches nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass
class Outcome:
    """Filled while the drill is held."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    """Each with its unit in its name."""
    wrong: list[str] = field(default_factory=list)
    """One sentence each."""

    def must(self, holds: object, otherwise: str) -> None:
        """What was promised, and how it is told where it is not so."""
        if not holds:
            self.wrong.append(otherwise)

    def show(self, console: Console) -> None:
        """A table, and what is wrong."""
        table = Table(self.name, "", show_header=True)
        for name, value in self.figures.items():
            shown = f"{value:.2f}" if isinstance(value, float) else str(value)
            table.add_row(name.replace("_", " "), shown)
        console.print(table)
        for text in self.wrong:
            console.print(f"WRONG  {text}", style="red", highlight=False, soft_wrap=True)
        console.print("all of it held" if not self.wrong else f"{len(self.wrong)} things wrong")

    def json(self) -> str:
        """The same for a machine."""
        told = {"drill": self.name, "figures": self.figures, "wrong": self.wrong}
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
