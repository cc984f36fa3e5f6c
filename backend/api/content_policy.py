"""What pages of ours may run: their own inline scripts, told to the browser by their hashes."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

_INLINE_SCRIPT: Final = re.compile(
    rb"<script\b(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)


def script_sources(html: bytes) -> str:
    """The `script-src` of a page: files of this service, and each script that stands in it."""
    hashes = (
        f"'sha256-{b64encode(sha256(script).digest()).decode()}'"
        for script in dict.fromkeys(_INLINE_SCRIPT.findall(html))
    )
    return " ".join(["'self'", *hashes])
