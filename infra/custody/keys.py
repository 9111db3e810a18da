"""The key that seals extracts: made once for an instance, readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from infra.settings import SafeholdError, Settings, UserError


def key_file(settings: Settings) -> Path:
    return settings.secrets / "extract-key.pem"


def public_file(settings: Settings) -> Path:
    """The public key, to be given to those who verify."""
    return settings.home / "extract-key.pub.pem"


def sealing_key(settings: Settings) -> Ed25519PrivateKey:
    """The instance's key; made on first use with its public half beside it.

    Raises:
        SafeholdError: the file is no such key, or others may read it.
    """
    path = key_file(settings)
    if not path.exists():
        _make(settings, path)
    if path.stat().st_mode & 0o077:
        raise SafeholdError(
            "others may read the key that seals extracts", where=str(path), do="make a new one, and say since when"
        )
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SafeholdError("the key cannot be read", where=str(path), do="put the right file there") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SafeholdError("the key is no Ed25519 key", where=str(path), do="put the right file there")
    return key


def _make(settings: Settings, path: Path) -> None:
    settings.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.secrets.chmod(0o700)
    key = Ed25519PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another command made it meanwhile
    with os.fdopen(handle, "wb") as out:
        out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    public_file(settings).write_bytes(public)


def read_public(path: Path) -> Ed25519PublicKey:
    """A public key's file.

    Raises:
        UserError: it is none.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot read the key: {error.strerror}", where=str(path), do="give its path") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UserError("this is no public key", where=str(path), do="give the .pub.pem of who sealed it") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UserError("this is no Ed25519 key", where=str(path), do="give the .pub.pem of who sealed it")
    return key
