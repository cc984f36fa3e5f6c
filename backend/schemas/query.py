"""Checks of texts that come in an address."""

from backend.utils.helpers import check_text, is_blank


def check_query(text: str) -> str:
    """Return a question trimmed.

    Raises:
        ValueError: it is blank or no proper text; what is not UTF-8 in an address arrives as
            replacement characters.
    """
    query = check_text(text)
    if is_blank(query):
        raise ValueError("must hold at least one visible character")
    if "\ufffd" in query:
        raise ValueError("must be UTF-8")
    return query
