"""Access keys: by which a program acts as a visitor, whose browser alone has the cookie.

``<runs directory>/.keys/<owner>/<digest>.json`` has the name of a key and its owner, where
``<owner>`` is the owner's folder and ``<digest>`` the SHA-256 of the key. The key itself, which
names the folder and has 256 random bits, is stored nowhere. It is looked up at each use, so a key
that was revoked is refused at once, by every server that shares the directory.
"""

import hashlib
import json
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.atomic_files import read_text, write_atomically
from core.models.files import runs_directory
from core.runs.owners import name_folder

KEYS_DIRECTORY = ".keys"
KEY_PREFIX = "digitlab_"
KEY = re.compile(rf"{KEY_PREFIX}([0-9a-f]{{32}})_[A-Za-z0-9_-]{{43}}")
DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_KEYS = 10  # of one owner
MAX_KEY_NAME_LENGTH = 60


class TooManyKeysError(ValueError):
    """The owner would have more than ``MAX_KEYS``."""


@dataclass(frozen=True)
class AccessKey:
    """What is known of a key: not the key itself.

    Attributes:
        digest: SHA-256 of the key in hexadecimal.
        name: by which its owner knows it.
        created_at: in UTC.
    """

    digest: str
    name: str
    created_at: datetime


def create_key(owner: str, name: str, directory: Path | None = None) -> str:
    """Make a key; it is returned this once.

    Raises:
        ValueError: the name is empty or too long.
        TooManyKeysError: the owner has the maximum number of keys.
    """
    name = name.strip()
    if not 1 <= len(name) <= MAX_KEY_NAME_LENGTH:
        raise ValueError(f"The name of a key must have 1 to {MAX_KEY_NAME_LENGTH} characters.")
    if len(list_keys(owner, directory)) >= MAX_KEYS:
        raise TooManyKeysError(f"You can have at most {MAX_KEYS} access keys. Revoke one of them.")
    folder = _locate(name_folder(owner), directory)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = f"{KEY_PREFIX}{folder.name}_{secrets.token_urlsafe(32)}"
    entry = {"owner": owner, "name": name, "created_at": datetime.now(UTC).isoformat()}
    write_atomically(folder / f"{_digest(key)}.json", json.dumps(entry))
    return key


def list_keys(owner: str, directory: Path | None = None) -> list[AccessKey]:
    """The keys of an owner, the oldest first. A damaged one, which is not accepted, is left out."""
    keys = []
    for file in _locate(name_folder(owner), directory).glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            entry = json.loads(read_text(file))
            created_at = datetime.fromisoformat(entry["created_at"])
            keys.append(AccessKey(file.stem, str(entry["name"]), created_at))
    return sorted(keys, key=lambda key: key.created_at)


def revoke_key(owner: str, digest: str, directory: Path | None = None) -> None:
    """Make a key invalid; nothing where it already is."""
    if DIGEST.fullmatch(digest):
        (_locate(name_folder(owner), directory) / f"{digest}.json").unlink(missing_ok=True)


def find_owner_of_key(key: str, directory: Path | None = None) -> str | None:
    """Whose key this is; None if it is nobody's, or was revoked."""
    parts = KEY.fullmatch(key)
    if parts is None:
        return None
    file = _locate(parts[1], directory) / f"{_digest(key)}.json"
    try:
        return str(json.loads(read_text(file))["owner"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _locate(folder: str, directory: Path | None) -> Path:
    return (directory or runs_directory()) / KEYS_DIRECTORY / folder


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
