"""The pages of people: staff, shifts, learning, the audit trail, logins."""
