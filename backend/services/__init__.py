"""Every rule, query and transaction."""
