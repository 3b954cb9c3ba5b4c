"""The demonstration's reports and cases, each at another stage; told by the hub's own acts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from tcert.community.inventory.models import Product
from tcert.foundation.kernel import clock
from tcert.foundation.sealed.domain.delivering import deliver_buffered
from tcert.response.cases.domain import embargo, participants, statements, triage
from tcert.response.cases.domain.triage import coordinator_row
from tcert.response.cases.enums import CaseEvent, FixState, ManagementAct, Position, Role
from tcert.response.cases.models import Case, CaseProduct, Participant
from tcert.response.intake import queries, receipts, tokens, unscripted
from tcert.response.intake.enums import ReportKind
from tcert.site.demo.community import Side
from tcert.site.demo.conversation import entitle, reporter_thread, say, thread_of

Sides = dict[str, Side]


@dataclass(frozen=True, slots=True)
class Told:
    """A report of the demonstration with its receipt, for those who try the mailbox."""

    title: str
    receipt: str
    case: Case


@contextmanager
def days_ago(days: float) -> Iterator[None]:
    """Let the hub's clock stand some days back."""
    with clock.frozen(clock.now() - timedelta(days=days)):
        yield


def _report(
    kind: ReportKind, facts: str, wishes: str = "", routing_line: str = ""
) -> tuple[Case, str]:
    """Send a report without scripts, as a stranger would."""
    desk = queries.open_desk()
    if desk is None:
        raise RuntimeError("the demonstration's desk has no key with two holders")
    receipt = receipts.new_words()
    sent = unscripted.send(
        words=unscripted.Words(
            kind=kind, facts=facts, wishes=wishes or "No wishes.", routing_line=routing_line
        ),
        recipients=[desk],
        receipt=receipt,
        token=tokens.issue(),
    )
    deliver_buffered()
    return sent.report.case, receipt


def _fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def _accept_report(desk: Side, case: Case, title: str, product: str, versions: str) -> Case:
    """Validate and accept a report, say that nobody is excluded, name its product and title.

    The reporter's line is one text; the desk puts the listed product and its versions in its place.
    """
    for act in (ManagementAct.VALIDATE, ManagementAct.ACCEPT):
        triage.judge(principal=desk.principal(), case=_fresh(case), revision=None, act=act)
    triage.settle_exclusions(principal=desk.principal(), case=_fresh(case), revision=None)
    triage.remove_subject(
        principal=desk.principal(),
        case=case,
        products=case.products.values_list("id", flat=True),
    )
    triage.add_product(
        principal=desk.principal(),
        case=case,
        name="",
        versions=versions,
        product=Product.objects.get(name=product),
    )
    entitle(desk, _fresh(case), title)
    return _fresh(case)


def _embargo(desk: Side, case: Case, days: int) -> None:
    """Propose an end at 18:00 UTC some days ahead, and accept it as the coordinating team."""
    own = coordinator_row(case)
    ends = (clock.now() + timedelta(days=days)).replace(hour=18, minute=0, second=0, microsecond=0)
    proposal = embargo.propose_end(
        principal=desk.principal(), case=case, by=own, ends_at=ends, zone="UTC", revision=None
    )
    proposal.refresh_from_db()
    if proposal.state == "open":
        embargo.answer(
            principal=desk.principal(), proposal=proposal, by=own, agrees=True, revision=None
        )


def _invite(desk: Side, case: Case, side: Side, role: Role, reason: str, *, joins: bool) -> None:
    invitation = participants.invite(
        principal=desk.principal(), case=_fresh(case), team=side.team, roles=[role], reason=reason
    )
    participants.see(principal=side.principal(), invitation=invitation)
    if joins:
        invitation.refresh_from_db()
        participants.accept(
            principal=side.principal(),
            invitation=invitation,
            revision=None,
            agreed_end=_fresh(case).embargo.ends_at,
        )


def _row(case: Case, side: Side) -> Participant:
    return Participant.objects.get(case=case, team=side.team)


def _manage(side: Side, case: Case, acts: Sequence[ManagementAct]) -> None:
    for act in acts:
        participants.manage_own(
            principal=side.principal(), participant=_row(case, side), act=act, revision=None
        )


def _product(case: Case) -> CaseProduct:
    found = case.products.first()
    if found is None:
        raise RuntimeError("the desk named no product")
    return found


def tell_all(sides: Sides) -> list[Told]:
    """Play every story; return the receipts."""
    return [
        _published_story(sides),
        _coordinated_story(sides),
        _second_vendor_story(sides),
        _rejected_story(sides),
        _new_attack_story(),
        _new_weakness_story(),
    ]


def _coordinated_story(sides: Sides) -> Told:
    """A flaw in Corevale's UDM: vendor and one operator in, another silent, embargo running."""
    desk, corevale = sides["tcert"], sides["corevale"]
    north, isle = sides["north-mobile"], sides["isle-telecom"]
    title = "Corevale UDM answers SUCI de-concealing to any network function"
    with days_ago(16):
        case, receipt = _report(
            ReportKind.VULNERABILITY,
            "## What happens\n\nThe UDM answers Nudm_UEAuthentication_Get for any consumer that "
            "presents a token for another service. A rogue network function learns SUPI and "
            "authentication vectors.\n\n## Steps\n\n1. Take a token for nudm-sdm.\n2. Call the "
            "authentication service with it.\n3. The answer holds the vector.\n\nSeen on 4.2.1 in "
            "a lab; 4.0 looks the same in the documentation.",
            "Please do not name me. Thirty days are enough for me.",
            "Corevale UDM 4.2.1",
        )
    with days_ago(15):
        case = _accept_report(desk, case, title, "UDM", "4.2.1")
        say(
            desk,
            reporter_thread(case),
            "Thank you. We could follow every step and have accepted the report. Next we ask the "
            "vendor and the operators that run this version. You hear from us within a week.",
        )
        _embargo(desk, case, 32)
    with days_ago(14):
        _invite(desk, case, corevale, Role.VENDOR, "makes UDM", joins=True)
        _invite(desk, case, north, Role.DEPLOYER, "runs UDM 4.2.1 (declared)", joins=True)
        _manage(corevale, case, (ManagementAct.VALIDATE, ManagementAct.ACCEPT))
        _manage(north, case, (ManagementAct.VALIDATE,))
        entitle(desk, case, title)
        say(
            desk,
            thread_of(case, corevale),
            "A researcher reports that UDM 4.2.1 does not check the service that a token was "
            "issued for. Can you reproduce it, and which versions are concerned?",
        )
    with days_ago(9):
        say(
            corevale,
            thread_of(case, corevale),
            "We reproduced it on 4.2.1 and 4.1.9. A fix is in regression. Could the date move by "
            "a week? One operator patches only on Tuesdays.",
        )
        statements.state(
            principal=corevale.principal(),
            participant=_row(case, corevale),
            product=_product(case),
            version="4.2.1",
            position=Position.KNOWN_AFFECTED,
            fix_state=FixState.IN_TEST,
            text="Token scope is not checked. Fixed in 4.2.2, in regression now.",
        )
        statements.state(
            principal=north.principal(),
            participant=_row(case, north),
            product=_product(case),
            version="4.2.1",
            position=Position.UNDER_INVESTIGATION,
        )
    with days_ago(8):
        say(
            desk,
            thread_of(case, corevale),
            "Please propose the date formally, with the hour. The shorter one holds until all "
            "have signed.",
        )
        say(
            north,
            thread_of(case, north),
            "We run 4.2.1 in two sites. Is there a workaround until the fix, such as a rule at "
            "the SCP?",
        )
    with days_ago(2):
        _invite(desk, case, isle, Role.DEPLOYER, "runs UDM 4.0 (declared)", joins=False)
    return Told(title, receipt, case)


def _published_story(sides: Sides) -> Told:
    """A flaw of Open5GS (CVE-2024-34475, public since 2024) taken as an example, up to its end."""
    desk, maker, north = sides["tcert"], sides["open5gs"], sides["north-mobile"]
    title = "Open5GS AMF can be stopped by a NAS message (CVE-2024-34475)"
    with days_ago(70):
        case, receipt = _report(
            ReportKind.VULNERABILITY,
            "A reachable assertion in gmm_state_authentication (amf/gmm-sm.c) lets a device stop "
            "the AMF. Open5GS before 2.7.1. This example retells the public record of "
            "CVE-2024-34475.",
            "",
            "Open5GS 2.7.0",
        )
    with days_ago(69):
        case = _accept_report(desk, case, title, "Open5GS", "2.7.0")
        say(desk, reporter_thread(case), "Thank you. We could follow it and ask the maintainers.")
        _embargo(desk, case, 60)
    with days_ago(68):
        _invite(desk, case, maker, Role.VENDOR, "makes Open5GS", joins=True)
        _invite(desk, case, north, Role.DEPLOYER, "runs Open5GS 2.7.0 (declared)", joins=True)
        _manage(maker, case, (ManagementAct.VALIDATE, ManagementAct.ACCEPT))
    with days_ago(40):
        statements.state(
            principal=maker.principal(),
            participant=_row(case, maker),
            product=_product(case),
            version="2.7.0",
            position=Position.FIXED,
            fix_state=FixState.READY,
            fixed_version="2.7.1",
            text="Fixed in 2.7.1.",
        )
        participants.reach_step(
            principal=maker.principal(),
            participant=_row(case, maker),
            event=CaseEvent.FIX_READY,
            revision=None,
        )
        say(maker, thread_of(case, maker), "2.7.1 is out; the change is pull request 3122.")
    with days_ago(8):  # it ended nine days ago, in the evening
        embargo.end_by_date(embargo=_fresh(case).embargo)
    return Told(title, receipt, case)


def _second_vendor_story(sides: Sides) -> Told:
    """A flaw in Altus' Diameter edge: an embargo is proposed, the vendor has just come in."""
    desk, altus = sides["tcert"], sides["altus"]
    title = "Altus Diameter Edge forwards S6a from peers that it should not know"
    with days_ago(5):
        case, receipt = _report(
            ReportKind.VULNERABILITY,
            "A peer whose certificate has expired stays in the table and its requests are "
            "forwarded. 6.1, seen in our own lab.",
            "Credit: Basalt Labs.",
            "Altus Diameter Edge 6.1",
        )
    with days_ago(4):
        case = _accept_report(desk, case, title, "Diameter Edge", "6.1")
        say(desk, reporter_thread(case), "Thank you. We have accepted it and ask the vendor.")
        _embargo(desk, case, 45)
        _invite(desk, case, altus, Role.VENDOR, "makes Diameter Edge", joins=True)
        entitle(desk, case, title)
    with days_ago(3):
        say(altus, thread_of(case, altus), "Received. Two engineers are on it; answer on Friday.")
    return Told(title, receipt, case)


def _rejected_story(sides: Sides) -> Told:
    """A report that could not be followed."""
    desk = sides["tcert"]
    title = "Handset reboots when it leaves the lift"
    with days_ago(20):
        case, receipt = _report(
            ReportKind.INCIDENT, "My handset loses the network in our lift. Is this an attack?"
        )
    with days_ago(19):
        triage.judge(
            principal=desk.principal(),
            case=_fresh(case),
            revision=None,
            act=ManagementAct.INVALIDATE,
        )
        say(
            desk,
            reporter_thread(_fresh(case)),
            "Thank you for writing. A lift shields radio; nothing here points to an attack. If it "
            "happens elsewhere too, write again here.",
        )
    with days_ago(18):
        triage.judge(
            principal=desk.principal(), case=_fresh(case), revision=None, act=ManagementAct.CLOSE
        )
    return Told(title, receipt, case)


def _new_attack_story() -> Told:
    """An attack reported yesterday that nobody has judged yet."""
    with days_ago(1):
        case, receipt = _report(
            ReportKind.INCIDENT,
            "Since 02:10 UTC our firewall sees SendRoutingInfoForSM for our subscribers from a "
            "Global Title that claims to be in 999-03, about 400 an hour, from no roaming "
            "partner of ours.",
            "Call our duty phone at any hour.",
            "999-03",
        )
    return Told("SRI-SM from an unknown Global Title", receipt, case)


def _new_weakness_story() -> Told:
    """A weakness that came in just now."""
    case, receipt = _report(
        ReportKind.VULNERABILITY,
        "The STP accepts SCCP management from any linkset. Details follow when you confirm that "
        "you can read this.",
    )
    return Told("STP accepts management from any linkset", receipt, case)
