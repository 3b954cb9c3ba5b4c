"""A team's part of a case: what was sealed to it, and what the hub can read of its own row."""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import Holder, Message
from tcert.foundation.sealed.part import Part, as_json
from tcert.foundation.sealed.queries import holders_of
from tcert.response.cases import conversations, queries
from tcert.response.cases.models import Case, CaseThread, Participant
from tcert.response.cases.models.case import acting_team_ids

LONGEST_TIMELINE = 100_000


def part_of(case: Case, principal: Principal, own: Participant) -> Part:
    """Return a team's part of a case: the conversations that it reads, and its own row."""
    links = CaseThread.objects.of_case(case, principal)
    links = links.select_related("participant__team", "product", "case__coordinating_team")
    threads = {link.thread_id: conversations.label_of(link, principal) for link in links}
    holders = holders_of(principal)
    messages = Message.objects.visible_to(holders).filter(thread__in=list(threads))
    wrote = messages.order_by().values_list("author_kind", "author_id").distinct()
    authors = [Holder(HolderKind(kind), key) for kind, key in wrote]
    teams = Team.objects.in_bulk([one.id for one in authors if one.kind is HolderKind.TEAM])
    names = {HolderKind.REPORTER: _("reporter"), HolderKind.TEAM: "", HolderKind.PERSON: ""}
    return Part(
        holders=holders,
        message_ids=list(messages.order_by("thread", "position").values_list("id", flat=True)),
        conversations=threads,
        authors={
            one: teams[one.id].name if one.id in teams else names[one.kind] for one in authors
        },
        texts={
            "case.json": as_json(_facts(case, principal, own)),
            "README.txt": render_to_string("retention/part.txt"),
        },
    )


def _facts(case: Case, principal: Principal, own: Participant) -> dict[str, Any]:
    """Return what the hub can read and the party may: nothing of another party's row."""
    embargo = case.embargo
    mine = set(
        case.participants.filter(team__in=acting_team_ids(principal)).values_list("id", flat=True)
    )
    answers = {
        answer.proposal_id: answer
        for proposal in embargo.proposals.all()
        for answer in proposal.answers.filter(participant=own)
    }
    return {
        "name": case.code_name,
        "number": case.number,
        "kind": case.kind,
        "tlp": case.tlp,
        "coordinated_by": case.coordinating_team.name,
        "received_on": case.received_on.isoformat(),
        "closed_at": _moment(case.closed_at),
        "content_deleted_at": _moment(case.deletes_at),
        "held_since": _moment(case.held_since),
        "products": [[product.name, product.versions] for product in case.products.all()],
        "networks": [network.plmn for network in case.networks.all()],
        "own_row": {
            "team": own.name,
            "roles": sorted(own.role_names),
            "management": own.management,
            "consent": own.consent,
            "tracking_id": own.tracking_id,
            "joined_at": _moment(own.joined_at),
            "vendor_aware_at": _moment(own.vendor_aware_at),
            "fix_ready_at": _moment(own.fix_ready_at),
            "fix_deployed_at": _moment(own.fix_deployed_at),
        },
        "statements": [
            {
                "product": statement.product.name,
                "version": statement.version,
                "position": statement.position,
                "fix_state": statement.fix_state,
                "fixed_version": statement.fixed_version,
                "text": statement.text,
                "stated_at": _moment(statement.stated_at),
            }
            for row in case.participants.filter(id__in=mine)
            for statement in row.statements.select_related("product")
        ],
        "embargo": {
            "state": embargo.state,
            "ends_at": _moment(embargo.ends_at),
            "zone": embargo.zone,
            "activated_at": _moment(embargo.activated_at),
            "ended_at": _moment(embargo.ended_at),
            "ended_by": embargo.ended_by,
            "proposals": [
                {
                    "ends_at": _moment(proposal.ends_at),
                    "state": proposal.state,
                    "proposed_at": _moment(proposal.proposed_at),
                    "decided_at": _moment(proposal.decided_at),
                    "own_answer": answers[proposal.id].answer if proposal.id in answers else None,
                }
                for proposal in embargo.proposals.all()
            ],
        },
        "timeline": [
            {
                "at": happening.at.date().isoformat()
                if happening.day_only
                else _moment(happening.at),
                "what": happening.words,
            }
            for happening in reversed(queries.timeline(case, principal, LONGEST_TIMELINE))
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
