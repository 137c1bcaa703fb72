"""What customers are to the house (U5): key, ordinary or potential, by rule. Pure."""

from __future__ import annotations

from dataclasses import dataclass

KEY, ORDINARY, POTENTIAL = CLASSES = ("key", "ordinary", "potential")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What makes a key customer (重點客戶), any one of these within twelve months; 0: does not.

    根据客户的購買頻率、購買金額、潛在價值 (handbook 004).
    """

    purchases: int = 12
    amount_fen: int = 10_000_000
    potential_fen: int = 50_000_000

    def classify(self, purchases: int, amount_fen: int, potential_fen: int) -> str:
        """key, ordinary, or potential: who has not bought yet."""
        reached = (
            (purchases, self.purchases),
            (amount_fen, self.amount_fen),
            (potential_fen, self.potential_fen),
        )
        if any(least and amount >= least for amount, least in reached):
            return KEY
        return ORDINARY if purchases or amount_fen else POTENTIAL
