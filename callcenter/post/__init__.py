"""Carries messages out of the house: mail servers, gateways for short messages."""
