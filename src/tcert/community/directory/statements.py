"""The texts that owners of keys sign; `openpgp/common.js` writes the same, byte for byte."""

from uuid import UUID


def transition(team_id: UUID, old_fingerprint: str, new_fingerprint: str) -> str:
    """Return what the old key signs to hand over to the new one."""
    return (
        f"TCERT key transition\nTeam: {team_id}\n"
        f"Old key: {old_fingerprint}\nNew key: {new_fingerprint}\n"
    )


def backup_test(team_id: UUID, fingerprint: str, nonce: str) -> str:
    """Return what the offline copy of a key signs to prove that it works."""
    return f"TCERT backup test\nTeam: {team_id}\nKey: {fingerprint}\nNonce: {nonce}\n"
