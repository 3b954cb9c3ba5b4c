"""A desk that takes reports, and what a reporter types."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from uuid import UUID

from django.test import Client
from tests.factories.directory import DeskFactory, TeamFactory
from tests.factories.sealed import Party, make_party

from tcert.community.directory.enums import KeyOrigin, KeyState
from tcert.community.directory.models import Team, TeamKey
from tcert.foundation.kernel import clock
from tcert.foundation.openpgp import reporterkey
from tcert.foundation.openpgp.certificates import describe
from tcert.foundation.openpgp.sealing import seal, seal_with_password
from tcert.foundation.openpgp.signing import SigningKey
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Inner, Kind, compose
from tcert.response.intake import receipts, tokens
from tcert.response.intake.domain.receiving import Letter
from tcert.response.intake.enums import ReportKind
from tcert.response.intake.salt import deployment_salt

MARK = "MARKED-c0ffee-text"


def key_of(team: Team, *, created: datetime | None = None, **fields: object) -> Party:
    """Give a team an active key whose secret half the test holds."""
    party = make_party(HolderKind.TEAM, team.id, name=team.name, created=created)
    info = describe(party.certificate, clock.now())
    TeamKey.objects.create(
        team=team,
        fingerprint=info.fingerprint,
        certificate=info.armoured,
        state=KeyState.ACTIVE,
        origin=KeyOrigin.UPLOADED,
        **fields,
    )
    return party


def ready_desk(created: datetime | None = None) -> tuple[Team, Party]:
    """A desk whose offline backup was tested, so that the page takes reports."""
    desk = DeskFactory()
    tested = datetime(2026, 6, 1, tzinfo=UTC)
    return desk, key_of(desk, created=created, offline_backup_tested_at=tested)


def ready_team(name: str = "PSIRT of Vendor") -> tuple[Team, Party]:
    """Another listed team that a report can go to."""
    team = TeamFactory(name=name)
    return team, key_of(team)


def answers(**changed: object) -> dict[str, object]:
    """What a reporter types without scripts."""
    return {
        "step": "check",
        "token": tokens.issue(),
        "kind": "vulnerability",
        "subject": "Open5GS AMF 2.7.6",
        "read_line": "no",
        "title": "AMF stops",
        "description": f"It stops when {MARK} arrives.\nSecond line.",
        "addressee": "desk",
        "anonymity": "nobody",
        "contact": "",
        "remarks": f"Wish {MARK}",
        **changed,
    }


def hidden(html: str, form: int = 0) -> dict[str, list[str]]:
    """The hidden fields of a page's form, as a browser would send them again."""
    found: dict[str, list[str]] = {}
    text = re.findall(r"<form.*?</form>", html, re.DOTALL)[form]
    for tag in re.findall(r"<input[^>]*>", text):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag, re.DOTALL))
        if attributes.get("type") == "hidden" and "name" in attributes:
            value = unescape(attributes.get("value", ""))
            found.setdefault(attributes["name"], []).append(value)
    return found


@dataclass
class SentReport:
    """A report sent without scripts, and its receipt."""

    receipt: str = field(repr=False)
    html: str = field(repr=False)


def send_without_scripts(client: Client, **changed: object) -> SentReport:
    """Walk the two pages: preview, then send with the receipt confirmed."""
    preview = client.post("/report/", answers(**changed))
    assert preview.status_code == 200, preview.content.decode()
    fields = hidden(preview.content.decode())
    receipt = fields["receipt"][0]
    sent = client.post("/report/", {**fields, "step": "send", "confirm": receipt.split()[-1]})
    assert sent.status_code == 200, sent.content.decode()
    return SentReport(receipt, sent.content.decode())


@dataclass
class Sealer:
    """What the browser does, in Python: a letter sealed to given parties."""

    receipt: str = field(default_factory=receipts.new_words, repr=False)
    token: str = field(default_factory=tokens.issue)
    key: reporterkey.ReporterKey = field(default_factory=reporterkey.create, repr=False)

    @property
    def draft(self) -> tokens.Draft:
        """The ids that the token carries."""
        return tokens.read(self.token)

    @property
    def derived(self) -> receipts.Secrets:
        """What the receipt opens."""
        return receipts.derive(self.receipt, deployment_salt())

    def message(self, thread: UUID, kind: Kind, body: str, parties: list[Party]) -> bytes:
        """Seal one message."""
        text = compose(
            Inner(
                subject=f"report:{self.draft.report}",
                thread=str(thread),
                kind=kind,
                author=self.key.fingerprint,
                counter=1,
                previous=None,
                recipients=(self.key.fingerprint, *(p.fingerprint for p in parties)),
                tlp="AMBER",
                body=body,
            )
        )
        certificates = [self.key.certificate, *(p.certificate for p in parties)]
        return seal(text.encode(), certificates, SigningKey(self.key.secret))

    def letter(self, team: Team, party: Party, **changed: object) -> Letter:
        """A whole report to one team."""
        fields = {
            "receipt_id": self.derived.id,
            "kind": ReportKind.VULNERABILITY,
            "certificate": self.key.certificate,
            "locked_secret": seal_with_password(self.key.secret, self.derived.wrap),
            "addressees": [team],
            "facts": self.message(self.draft.facts, Kind.FACTS, f"facts {MARK}", [party]),
            "wishes": self.message(self.draft.talk, Kind.WISHES, f"wishes {MARK}", [party]),
        }
        return Letter(**{**fields, **changed})
