"""What a member needs to mail an incident: keys, lines to fill in, a text to seal, exact commands.

The text is sealed before the talk exists, so its header names the talk that the report will begin:
its ids follow from team and key, and nobody chooses them.
"""

from dataclasses import dataclass
from uuid import UUID

from tcert.community.directory.models import Team
from tcert.community.directory.queries import desk_team, recipient_keys
from tcert.community.talks.models import SUBJECT
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp import mailkey
from tcert.foundation.openpgp.certificates import CertificateInfo, describe
from tcert.foundation.openpgp.packets import armour
from tcert.foundation.sealed.gpgpath import sealing_command
from tcert.foundation.sealed.inner import Inner, Kind, compose, nameable
from tcert.response.incidents import inbox, letter
from tcert.response.incidents.domain import mailing, receiving

KEYS_NAME, FACTS_NAME, WORDS_NAME = "keys.asc", "facts.txt", "words.txt"
_SEALED_WORDS, _MAIL = "words.asc", "mail.asc"


@dataclass(frozen=True, slots=True)
class Kit:
    """What one mail of a team is made with; `key` makes of a second one the same incident."""

    team: Team
    key: UUID
    author: CertificateInfo
    mail_key: CertificateInfo
    readers: tuple[CertificateInfo, ...]

    @property
    def keyring(self) -> str:
        """Return the keys to import: of the teams that read, and of the mailbox."""
        every = [*self.readers, self.mail_key]
        return armour(b"".join(one.certificate for one in every), "PUBLIC KEY BLOCK")

    @property
    def facts(self) -> str:
        """Return the lines to fill in, which the hub reads."""
        now = f"{clock.now():%Y-%m-%dT%H:%MZ}"
        return letter.example(mailing.hub_name(), str(self.key), now, now)

    def words(self, person: str) -> str:
        """Return the text below which a person writes what happened; the hub cannot open it."""
        ids = receiving.talk_of_key(self.team, str(self.key))
        return compose(
            Inner(
                subject=f"{SUBJECT}:{ids.talk}",
                thread=str(ids.thread),
                kind=Kind.MESSAGE,
                author=self.author.fingerprint,
                counter=1,
                previous=None,
                recipients=tuple(one.fingerprint for one in self.readers),
                tlp=Tlp.AMBER,
                person=nameable(person),
            )
        )

    @property
    def import_command(self) -> str:
        """Return the command that makes the keys known."""
        return f"gpg --import {KEYS_NAME}"

    @property
    def words_command(self) -> str:
        """Return the command that seals the text to the teams that read it."""
        readers = [one.fingerprint for one in self.readers]
        return sealing_command(self.author.fingerprint, readers, WORDS_NAME, _SEALED_WORDS)

    @property
    def facts_command(self) -> str:
        """Return the command for a mail without a text."""
        return self._mailed(FACTS_NAME)

    @property
    def both_command(self) -> str:
        """Return the command for a mail with the sealed text behind the lines."""
        joined = "both.txt"
        return f"cat {FACTS_NAME} {_SEALED_WORDS} > {joined}\n{self._mailed(joined)}"

    def _mailed(self, source: str) -> str:
        readers = [self.mail_key.fingerprint]
        return sealing_command(self.author.fingerprint, readers, source, _MAIL)


def kit_for(team: Team, key: UUID) -> Kit | None:
    """Return what a team mails an incident with; None where the hub, the desk or it has no key."""
    desk, public = desk_team(), mailkey.public()
    if desk is None or public is None or not public.usable_subkeys or not inbox.is_open():
        return None
    keys = recipient_keys([team.id, desk.id], clock.now())
    if not {team.id, desk.id} <= set(keys):
        return None
    infos = {one: describe(keys[one].certificate, clock.now()) for one in {team.id, desk.id}}
    readers = tuple(sorted(infos.values(), key=lambda info: info.fingerprint))
    return Kit(team, key, infos[team.id], public, readers)
