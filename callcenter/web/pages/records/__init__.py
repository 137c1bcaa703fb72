"""The pages of casework: orders, complaints, follow-ups, customers, documents, handovers."""
