"""Things with no table and no route: errors, tokens, Gemini, logging."""
