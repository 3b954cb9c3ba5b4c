"""Every door of the hub, with what rightly goes through it: the start of each hostile request.

Doors are read from the addresses, so that a new one is not forgotten. What its fields may hold is
read from the forms of its page; for the stranger's doors, of which the scripts know the fields, it
is made here.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.test import Client
from tests.factories.case_parties import give_key
from tests.factories.intake import Sealer, answers, hidden, send_without_scripts
from tests.factories.sealed import Party
from tests.site.test_hostile_input import PLAIN, Page, fill
from tests.site.test_walk import ADDRESSES, address

from tcert.community.directory.models import Team, TeamKey
from tcert.foundation.kernel import access, clock
from tcert.foundation.kernel.principal import ANONYMOUS, Principal
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.response.intake import proof
from tcert.response.intake.domain import keeping, receiving

Fields = dict[str, list[str | bytes]]
ASKED: Fields = {
    "q": ["vendor"],
    "page": ["1"],
    "state": ["all"],
    "year": ["2026"],
    "kind": ["vendor"],
    "sort": ["name"],
    "since": ["2026-01-01"],
    "next": ["/my-day/"],
    "role": ["vendor"],
    "party": ["x"],
    "presence": ["active"],
    "thread": ["00000000-0000-4000-8000-000000000000"],
    "flaw": ["V1"],
    "object": ["case"],
    "person": ["00000000-0000-4000-8000-000000000000"],
    "act": ["accept"],
}
"""What stands behind a question mark somewhere; every door is asked all of it."""


@dataclass(frozen=True)
class Door:
    """One address as the router knows it, and what goes through it."""

    route: str
    urls: Sequence[str]
    fields: Fields = field(repr=False)


@dataclass(frozen=True)
class Strangers:
    """A desk that takes reports, a report that came, and one that is about to be sent."""

    desk: Team
    party: Party
    receipt: str = field(repr=False)
    sealer: Sealer = field(repr=False)
    fields: Fields = field(repr=False)

    @classmethod
    def ready(cls, desk: Team) -> "Strangers":
        """Open a desk for reports and make what its strangers' doors take."""
        party = give_key(desk)
        TeamKey.objects.filter(fingerprint=party.fingerprint).update(
            offline_backup_tested_at=clock.now()
        )
        sent = send_without_scripts(Client())
        sealer = Sealer()
        file = seal_with_password(b"a file", "p" * 40)
        keeping.keep(form=sealer.draft.form, sealed=file)
        return cls(
            desk, party, sent.receipt, sealer, _fields(sealer, desk, party, sent.receipt, file)
        )


def _fields(sealer: Sealer, team: Team, party: Party, receipt: str, file: bytes) -> Fields:
    digest = hashlib.sha256(file).hexdigest()
    letter = sealer.letter(team, party)
    opened = receiving.known(Sealer(receipt=receipt).derived.id)
    assert opened is not None
    own_file = {"name": "a.txt", "size": 6, "sha256": "0" * 64, "sealed_sha256": digest}
    preview = hidden(Client().post("/report/", answers()).content.decode())
    typed: Fields = {
        name: [value, answer]
        for name, answer in answers().items()
        if isinstance(answer, str) and (value := preview.get(name, [answer])[0]) is not None
    }
    return {
        **typed,
        "token": [sealer.token, preview["token"][0]],
        "nonce": [proof.find(sealer.token, 0)],
        "step": ["check", "words", "digits", "edit", "send", "reply", "file", "withdraw", "open"],
        "addressee": ["desk", "team", "both"],
        "team": [str(team.id)],
        "receipt": [preview["receipt"][0], receipt],
        "receipt_id": [Sealer(receipt=receipt).derived.id, letter.receipt_id],
        "confirm": [preview["receipt"][0].split()[-1], opened.case.code_name],
        "routing_line": ["Open5GS AMF 2.7.6"],
        "version": ["1"],
        "text": ["One more thing."],
        "kept": [json.dumps({**own_file, "passphrase": "p" * 40}, separators=(",", ":"))],
        "attachment": [json.dumps({**own_file, "passphrase": "p" * 40}, separators=(",", ":"))],
        "drop": [digest],
        "files": [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + bytes(40), b"\xff\xd8\xff\xe1" + bytes(40)],
        "file": [digest, file],
        "sealed": [
            base64.b64encode(sealer.message(sealer.draft.talk, "message", "x", [party])).decode()
        ],
        **{
            name: [base64.b64encode(getattr(letter, name)).decode()]
            for name in ("certificate", "locked_secret", "facts", "wishes")
        },
    }


def doors(
    principal: Principal, client: Client, scenes: Sequence[dict[str, object]], strangers: Fields
) -> Iterator[Door]:
    """Yield what a visitor may ask for: who signed in gets those that no stranger has."""
    for route, entry in ADDRESSES:
        permission = access.declared(entry.callback)
        if permission is None or not access.allowed(principal, permission):
            continue
        if principal is not ANONYMOUS and access.allowed(ANONYMOUS, permission):
            continue
        urls = {url for scene in scenes if (url := fill(route, scene)) is not None}
        found = sorted(urls) or [address(route)]
        if route.startswith(("report/", "receipt/")):
            yield Door(route, found, {**strangers})
        else:
            yield Door(route, found, {**ASKED, **_of_forms(client, found)})


def _of_forms(client: Client, urls: Sequence[str]) -> Fields:
    """The fields of the forms on these pages, with what stands in them or could be typed."""
    fields: Fields = {}
    for url in urls:
        answer = client.get(url)
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            continue
        for form in Page(answer.content.decode(), url).forms:
            for name, values in form.fields.items():
                known = fields.setdefault(name, [])
                known += [value for value in values if value]
                known += [PLAIN.get(form.types[name], "Plain words")]
            for name, value in form.buttons:
                fields.setdefault(name, []).append(value)
    fields.pop("csrfmiddlewaretoken", None)
    return fields
