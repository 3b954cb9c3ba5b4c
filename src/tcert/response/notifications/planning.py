"""From what is offered to who would get what: the same function for the look and for the sending.

Of what is told to one party nothing depends on the lines of another, nor on what others told it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.crypto import salted_hmac

from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.queries import desk_team, recipient_certificates
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp.certificates import inspect
from tcert.response.notifications import delivery
from tcert.response.notifications.delivery import Decision, Rule
from tcert.response.notifications.enums import Feed, Hop, Pace, Severity, Topic, Way, Why
from tcert.response.notifications.models import MARK_BYTES, DeliveryRule, Notification
from tcert.response.notifications.offering import Item, Offer
from tcert.response.routing import resolving
from tcert.response.routing.proposals import ProposedRole, fitting_team
from tcert.response.routing.resolving import Answers
from tcert.response.snapshot.enums import Basis


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of all lines of a sending."""

    topic: Topic
    severity: Severity
    tlp: Tlp
    feed: Feed
    observed_at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A hop of a chain that is to be: with the certificate that its lines are sealed to."""

    hop: Hop
    team: Team
    certificate: str
    """Empty: it gets the facts alone."""

    @property
    def fingerprint(self) -> str:
        """Return which key that is."""
        return inspect(self.certificate, clock.now()).fingerprint if self.certificate else ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One notification that is to be."""

    organisation: Organisation | None
    chain: tuple[Link, ...]
    begins: Hop
    why: Why
    pace: Pace
    items: tuple[Item, ...]
    marks: bytes = b""
    way: Way = Way.PORTAL

    @property
    def lines(self) -> int:
        """Return how many lines it has."""
        return sum(item.count for item in self.items)

    @property
    def first(self) -> Link | None:
        """Return the hop that is told first; None where the hub has no desk."""
        return next((link for link in self.chain if link.hop == self.begins), None)

    def told(self, hop: Hop) -> list[tuple[str, str, int]]:
        """Return its lines as the team of a hop gets them."""
        whole = hop in {Hop.TEAM, Hop.ORGANISATION}
        return [(i.kind, i.written if whole else i.masked, i.count) for i in self.items]


@dataclass(slots=True)
class Plan:
    """All that a sending would do."""

    bundles: list[Bundle] = field(default_factory=list)
    repeated: int = 0
    suppressed: int = 0
    held: list[tuple[str, str]] = field(default_factory=list)
    """Organisations with lines that are not told, and in a word why: repeated or suppressed."""


def plan(
    *,
    sender: UUID,
    found: Answers,
    offered: Iterable[Offer],
    unplaced: Sequence[Item],
    facts: Facts,
) -> Plan:
    """Return what a team's sending to these parties would do, by their rules and what it told them.

    What others told them counts for nothing here: else whoever is first with a word of no weight
    would silence everybody after, and a look would tell what somebody else has noticed.
    """
    chosen, made, now = list(offered), Plan(), clock.now()
    houses = {one.organisation.id for one in chosen}
    rules = rules_of(houses)
    asked = [rule.repeat for some in rules.values() for rule in some if rule.repeat is not None]
    usual = delivery.REPEAT.get(facts.topic, delivery.REPEAT_OTHERWISE)
    seen = _told_since(now - max([usual, *asked]), sender, houses, facts)
    drafts: list[tuple[Offer, Decision, list[Item]]] = []
    for offer in chosen:
        sorted_out: dict[tuple[UUID | None, Pace, Way], tuple[Decision, list[Item]]] = {}
        for item in offer.items:
            decision = delivery.decide(
                rules.get(offer.organisation.id, ()),
                topic=facts.topic,
                feed=facts.feed,
                severity=facts.severity,
                kind=item.kind,
                written=item.written,
            )
            last = seen.get((offer.organisation.id, mark_of(item)))
            if decision.pace == Pace.NEVER:
                made.suppressed += item.count
                made.held.append((offer.organisation.name, "suppressed"))
            elif delivery.is_repeat(last, decision.repeat, now):
                made.repeated += item.count
                made.held.append((offer.organisation.name, "repeated"))
            else:
                told = (decision.team, decision.pace, decision.way)
                group = sorted_out.setdefault(told, (decision, []))
                group[1].append(item)
        drafts += [(offer, decision, items) for decision, items in sorted_out.values()]
    made.held = list(dict.fromkeys(made.held))
    made.bundles = _chained(found, drafts, facts)
    if unplaced:
        made.bundles.append(_for_desk(unplaced, facts))
    return made


def mark_of(item: Item) -> bytes:
    """Return a keyed hash of a line, by which it is known again and from which nobody reads it."""
    kept = f"{item.kind}:{item.written.lower()}"
    return salted_hmac("notifications.repeat", kept, algorithm="sha256").digest()[:MARK_BYTES]


def rules_of(houses: Collection[UUID]) -> Mapping[UUID, list[Rule]]:
    """Return the rules of organisations; one whose team has retired leaves the fitting team.

    That one has not asked for mails.
    """
    found: dict[UUID, list[Rule]] = {}
    for row in DeliveryRule.objects.filter(organisation__in=houses).select_related("team"):
        is_gone = row.team is not None and row.team.retired_at is not None
        team = None if is_gone else row.team_id
        repeat = None if row.repeat_days is None else timedelta(days=row.repeat_days)
        found.setdefault(row.organisation_id, []).append(
            Rule(
                row.topic,
                row.feed,
                row.kind,
                row.prefix,
                team,
                Pace(row.pace),
                repeat,
                Way.PORTAL if is_gone else Way(row.way),
            )
        )
    return found


def _told_since(
    since: datetime, sender: UUID, houses: Collection[UUID], facts: Facts
) -> Mapping[tuple[UUID, bytes], datetime]:
    """Return when a team last told organisations of lines, as no less severe than now."""
    found: dict[tuple[UUID, bytes], datetime] = {}
    rows = Notification.objects.filter(
        organisation__in=houses,
        sending__team=sender,
        sending__topic=facts.topic,
        sending__severity__in=facts.severity.and_worse(),
        sending__sent_at__gt=since,
    ).order_by("sending__sent_at")
    for house, at, marks in rows.values_list("organisation_id", "sending__sent_at", "marks"):
        whole = bytes(marks)
        for start in range(0, len(whole), MARK_BYTES):
            found[house, whole[start : start + MARK_BYTES]] = at
    return found


def _chained(
    found: Answers, drafts: Sequence[tuple[Offer, Decision, list[Item]]], facts: Facts
) -> list[Bundle]:
    houses = {offer.organisation.id for offer, _decision, _items in drafts}
    teams: dict[UUID, list[Team]] = {}
    listed = Team.objects.listed().filter(organisation__in=sorted(houses), is_desk=False)
    for team in listed.select_related("organisation").order_by("name", "id"):
        teams.setdefault(team.organisation_id, []).append(team)
    desk = desk_team()
    wanted = [_hops(found, draft, teams, desk) for draft in drafts]
    certificates = recipient_certificates({t.id for hops in wanted for _h, t in hops}, clock.now())
    return [
        _bundle(offer, decision, items, hops, certificates, facts)
        for (offer, decision, items), hops in zip(drafts, wanted, strict=True)
    ]


def _hops(
    found: Answers,
    draft: tuple[Offer, Decision, list[Item]],
    teams: Mapping[UUID, Sequence[Team]],
    desk: Team | None,
) -> list[tuple[Hop, Team]]:
    """Return the chain of a bundle, before markings and keys shorten it; no team stands twice."""
    offer, decision, items = draft
    house = offer.organisation
    there = teams.get(house.id, ())
    team = next((one for one in there if one.id == decision.team), offer.team)
    second = fitting_team([one for one in there if one.id != team.id], ProposedRole.DEPLOYER)
    common = [key for key in items[0].others if all(key in item.others for item in items)]
    candidate = found.parties[common[0]].team if common else None
    chain = found.parties[house.id, offer.team.id].chain
    group = next((one for one in chain if one.organisation_id == house.group_id), None)
    if candidate is not None and candidate.organisation_id == house.group_id:
        group = None  # it holds something itself: asked once, after a “not ours”
    wanted = (
        (Hop.TEAM, team),
        (Hop.ORGANISATION, second),
        (Hop.GROUP, group),
        (Hop.CANDIDATE, candidate),
        (Hop.DESK, desk),
    )
    taken: set[UUID] = set()
    hops: list[tuple[Hop, Team]] = []
    for hop, one in wanted:
        if one is not None and one.id not in taken:
            taken.add(one.id)
            hops.append((hop, one))
    return hops


def _bundle(
    offer: Offer,
    decision: Decision,
    items: Sequence[Item],
    hops: Iterable[tuple[Hop, Team]],
    certificates: Mapping[UUID, str],
    facts: Facts,
) -> Bundle:
    chain = tuple(_links(hops, certificates, facts.tlp))
    begins = delivery.begin([link.hop for link in chain])
    if begins != Hop.TEAM:
        why = Why.NO_KEY
    else:
        why = Why.RULE if chain[0].team.id == decision.team else Why.RESOLVED
    is_named = decision.team is None or decision.team in {link.team.id for link in chain[:1]}
    return Bundle(
        offer.organisation,
        chain,
        begins or Hop.DESK,
        why,
        decision.pace,
        tuple(items),
        b"".join(sorted({mark_of(item) for item in items})),
        decision.way if is_named else Way.PORTAL,
    )


def _links(
    hops: Iterable[tuple[Hop, Team]], certificates: Mapping[UUID, str], tlp: Tlp
) -> Iterator[Link]:
    """Yield the hops that a marking and a key allow; the desk has its place in any case."""
    for hop, team in hops:
        certificate = certificates.get(team.id, "") if delivery.may_reach(hop, tlp) else ""
        if certificate or hop == Hop.DESK:
            yield Link(hop, team, certificate)


def _for_desk(unplaced: Sequence[Item], facts: Facts) -> Bundle:
    desk = desk_team()
    hops = [(Hop.DESK, desk)] if desk is not None else []
    keys = recipient_certificates([team.id for _hop, team in hops], clock.now())
    chain = tuple(_links(hops, keys, facts.tlp))
    return Bundle(None, chain, Hop.DESK, Why.NOBODY, Pace.AT_ONCE, tuple(unplaced))


def ranges(texts: Sequence[str], at: datetime) -> Mapping[tuple[UUID, str], list[str]]:
    """Return by organisation and line, as it may be written to anybody, what led there.

    Read with all rights: it goes to the organisation itself, guarded, and to nobody else. Not to
    its group either, which is asked because of a claim of its member's that may not be open to it.
    """
    found: dict[tuple[UUID, str], list[str]] = {}
    for line in resolving.answers(texts, at=at, principal=SYSTEM).lines:
        for reading in line.readings:
            for one in reading.candidates:
                if one.organisation is not None and one.matched and one.basis != Basis.GROUP:
                    kept = found.setdefault((one.organisation, reading.shown), [])
                    if one.matched not in kept:
                        kept.append(one.matched)
    return found


def kinds_of(items: Iterable[Item]) -> dict[str, int]:
    """Count lines by kind."""
    counted: Counter[str] = Counter()
    for item in items:
        counted[item.kind] += item.count
    return dict(sorted(counted.items()))
