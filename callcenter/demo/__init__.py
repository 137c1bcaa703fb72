"""`callcenter demo`: simulated callers ring a real service over real SIP and RTP."""
