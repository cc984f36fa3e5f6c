"""Pure helpers with two or more callers."""
