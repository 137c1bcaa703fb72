"""Who may come in, and what each may ask for: logins, rights, signatures."""
