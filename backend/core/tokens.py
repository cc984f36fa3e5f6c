"""An estimate of how many tokens a text costs, without the model's tokenizer."""

import math
from typing import Final

_NARROW_PER_TOKEN: Final = 4.0
"""Characters: Latin letters, digits and punctuation, as Google's own rule of thumb says."""

_WIDE_PER_TOKEN: Final = 1.3
"""Characters: Thai, Burmese and Chinese, whose marks and syllables are mostly tokens alone."""


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of `text`, rounded up; 0 for an empty one.

    The scripts are told apart by arithmetic alone: a character of the wide ones takes three
    bytes of UTF-8 where a Latin one takes one, so nothing is looked at one by one.
    """
    length = len(text)
    if text.isascii():
        wide = 0.0
    else:
        wide = min(length, (len(text.encode("utf-8", "surrogatepass")) - length) / 2)
    return math.ceil((length - wide) / _NARROW_PER_TOKEN + wide / _WIDE_PER_TOKEN)
