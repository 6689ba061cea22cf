"""What makes two mails the same content."""

import hashlib
import json
from typing import Any


def content_of(subject: str, body: Any) -> str:
    """A digest of the words a mail is made of: subject and body, whatever its name or colours."""
    words = json.dumps([subject, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()[:32]
