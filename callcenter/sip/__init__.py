"""Telephony: our own SIP user agent and its sound.

`udp.SipLine` is the Line of core.ports (with `registration.Registrar`); its `dial` gives a
`line_calls.DialledCall` or raises `errors.CallRefused`. Everything else is pure protocol:
`user_agent.UserAgent` takes datagrams, commands and time, and gives datagrams and events.
Between the two stand the sockets, `wires.Wires`: UDP, TCP and TLS, with a doorkeeper.
`pyvoip_line.PyVoipLine` is the same line with calls that pyVoIP keeps, an extra.
"""
