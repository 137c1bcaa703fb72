"""The live call: who rings, who talks, what is heard, what is proposed. Sees ports only."""
