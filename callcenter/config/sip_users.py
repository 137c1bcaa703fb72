"""Who may log in at a line: users and their passwords, from a file or the environment."""

from __future__ import annotations

from callcenter.config.house import secret
from callcenter.core.errors import ConfigError

VARIABLE = "CALLCENTER_SIP_USERS"
SHORTEST = 8


def users_of(file: str) -> dict[str, str]:
    """`user:password` by line, of this file or else of $CALLCENTER_SIP_USERS; # begins a comment.

    Raises ConfigError, which never repeats a password: nobody in it, or one that is guessed first.
    """
    where = file or f"${VARIABLE}"
    found: dict[str, str] = {}
    for number, line in enumerate(secret(file, VARIABLE).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        user, colon, password = line.strip().partition(":")
        if not user or not colon:
            raise ConfigError(f"{where}: line {number}: expected user:password")
        if len(password) < SHORTEST or user in password:
            raise ConfigError(
                f"{where}: line {number}: the password of {user} is guessed at once; expected "
                f"{SHORTEST} characters or more, without the user's name"
            )
        found[user] = password
    if not found:
        raise ConfigError(f"{where}: expected lines of user:password; there is none")
    return found
