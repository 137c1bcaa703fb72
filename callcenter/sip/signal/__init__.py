"""What SIP says and means: messages, transactions, dialogs, calls, offers. Pure."""
