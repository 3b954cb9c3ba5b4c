"""The pages: what each kind of viewer reads, what bad input meets, how many queries it takes."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.accounts import PersonFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.responsibility import (
    ChangeFactory,
    ConfirmLinkFactory,
    MatrixFactory,
    StepFactory,
    filled,
    named,
)
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationKind, OrganisationState, TeamRole
from tcert.community.responsibility.domain.entries import FIELDS
from tcert.community.responsibility.enums import EntryState
from tcert.community.responsibility.models import Entry, Matrix
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.kernel.shown import mark

pytestmark = pytest.mark.django_db
NAME, NUMBER, MAIL = "Kai Core", "+358 9 000 0002", "kai@operator.example"


@pytest.fixture
def team():
    return TeamFactory(name="Own CERT")


@pytest.fixture
def matrix(team):
    return MatrixFactory(organisation=team.organisation)


@pytest.fixture
def boss(team):
    return sign_in(Client(), member_of(team, TeamRole.REPRESENTATIVE))


def at(name, matrix, *args):
    return reverse(f"responsibility:{name}", args=[matrix.organisation_id, *args])


def html(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def entry_of(matrix, domain="core"):
    return Entry.objects.get(matrix=matrix, domain=domain)


# Who reads what ---------------------------------------------------------------------------------

VIEWERS = ("stranger", "newcomer", "member", "own", "desk", "coordinator", "tied")


def viewer(kind, matrix):
    """A person of this kind, None for a stranger."""
    if kind == "stranger":
        return None, False
    if kind == "newcomer":
        house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
        return member_of(TeamFactory(organisation=house), TeamRole.REPRESENTATIVE), False
    if kind == "member":
        return member_of(TeamFactory(), TeamRole.REPRESENTATIVE), False
    if kind == "own":
        return member_of(matrix.organisation.teams.first()), False
    person = coordinator_of_desk()
    if kind == "tied":
        InterestFactory(person=person, organisation=matrix.organisation)
    return person, kind != "desk"


SEEN = {
    # what is on the pages: by whom it is read
    "takes part": {*VIEWERS},
    "role": {"member", "own", "desk", "coordinator", "tied"},
    "teams": {"member", "own", "desk", "coordinator", "tied"},
    "green name": {"member", "own", "desk", "coordinator", "tied"},
    "green number": {"member", "own", "desk", "coordinator", "tied"},
    "green address": {"own", "coordinator"},
    "amber name": {"own", "coordinator"},
    "amber number": {"own", "coordinator"},
    "amber address": {"own", "coordinator"},
    "lawful role": {"own", "coordinator"},
    "lawful name": {"own", "coordinator"},
    "refusal": {"own", "coordinator"},
    "gap": {"own", "coordinator"},
    "state": {"own", "coordinator"},
    "chain name": {"own", "coordinator"},
    "chain number": {"own", "coordinator"},
    "advice": {"own", "coordinator"},
    "history": {"own", "coordinator"},
    "sheet": {"own"},
    "csv": {"own"},
}
WORDS = {
    "takes part": "This organisation takes part",
    "role": "Amber Role",
    "teams": "Amber Teams",
    "green name": "Greta Green",
    "green number": "+358 9 777 0001",
    "green address": "greta@operator.example",
    "amber name": "Anna Amber",
    "amber number": "+358 9 777 0002",
    "amber address": "anna@operator.example",
    "lawful role": "Lawful Role",
    "lawful name": "Lena Lawful",
    "refusal": "Refusing Words",
    "gap": "Nobody is accountable",
    "state": "says: not mine",
    "chain name": "Nora Night",
    "chain number": "+358 50 000 0001",
    "advice": "Knock Loudly",
    "history": "Former Role",
    "sheet": "Destroy when replaced",
    "csv": "domain,state,confirmed",
}


def populated(matrix):
    """One of everything that could leak."""
    named(
        matrix,
        "ran",
        name=WORDS["green name"],
        phone=WORDS["green number"],
        mail=WORDS["green address"],
        tlp="GREEN",
    )
    amber = {"phone": WORDS["amber number"], "mail": WORDS["amber address"]}
    named(
        matrix,
        "core",
        name=WORDS["amber name"],
        role_title=WORDS["role"],
        responsible=[WORDS["teams"]],
        **amber,
    )
    named(matrix, "lawful-interception", name=WORDS["lawful name"], role_title="Lawful Role")
    refused = {"refused_at": clock.now(), "refusal": "moved", "remark": WORDS["refusal"]}
    named(matrix, "ims", name="Rolf", mail="rolf@operator.example", **refused)
    StepFactory(matrix=matrix, place=1)
    ChangeFactory(matrix=matrix, before={"role_title": WORDS["history"]})
    matrix.nobody = WORDS["advice"]
    matrix.save()


def all_pages(client, matrix):
    """Everything that a viewer gets to read of an organisation, as one text."""
    pages = [
        reverse("directory:organisation", args=[matrix.organisation_id]),
        *(at(name, matrix) for name in ("matrix", "down", "history", "sheet", "csv", "table")),
        *(at("entry", matrix, code) for code in ("core", "ran", "ims", "lawful-interception")),
        *(at("edit", matrix, code) for code in ("core", "lawful-interception")),
        reverse("responsibility:home"),
        reverse("responsibility:operators"),
        reverse("responsibility:operators_csv"),
        "/my-day/",
        "/search/?q=Amber",
        "/records/",
    ]
    answers = [client.get(one) for one in pages]
    assert all(one.status_code in {200, 302, 403, 404} for one in answers)
    return "\n".join(one.content.decode() for one in answers if one.status_code == 200)


@pytest.mark.slow
@pytest.mark.parametrize("kind", VIEWERS)
def test_each_kind_of_viewer_reads_what_the_table_says_and_no_more(kind, matrix):
    populated(matrix)
    person, coordinator = viewer(kind, matrix)
    client = Client()
    if person is not None:
        sign_in(client, person, coordinator=coordinator)
    text = all_pages(client, matrix)
    assert {field for field, words in WORDS.items() if words in text} == {
        field for field, readers in SEEN.items() if kind in readers
    }


@pytest.mark.parametrize("kind", VIEWERS)
def test_lists_and_single_rows_agree_on_who_sees_them(kind, matrix):
    populated(matrix)
    populated_elsewhere = MatrixFactory(organisation__state=OrganisationState.PROVISIONAL)
    person, coordinator = viewer(kind, matrix)
    principal = principal_of(person, coordinator=coordinator) if person else ANONYMOUS
    for model in (Matrix, Entry):
        listed = set(model.objects.visible_to(principal))
        assert listed == {one for one in model.objects.all() if one.is_visible_to(principal)}
    assert populated_elsewhere


def test_a_stranger_reads_nothing_where_the_organisation_takes_no_part(team):
    page = reverse("directory:organisation", args=[team.organisation_id])
    assert "security here" not in html(Client(), page)
    assert "security here" not in html(sign_in(Client(), member_of(team)), page)


def test_records_of_lawful_interception_are_not_for_a_tied_coordinator(matrix):
    populated(matrix)
    entry = entry_of(matrix, "lawful-interception")
    AuditRecord.objects.create(
        at=clock.now(),
        actor_kind="person",
        act="responsibility:entry:change",
        object_kind="responsibility entry",
        object_id=entry.id,
    )
    for kind, seen in (("tied", False), ("coordinator", True)):
        person, _rights = viewer(kind, matrix)
        principal = principal_of(person, coordinator=True)
        found = AuditRecord.objects.visible_to(principal).filter(object_id=entry.id)
        assert found.exists() is seen, kind


# The work ---------------------------------------------------------------------------------------

GOOD = {
    "name": NAME,
    "role_title": "Head of core",
    "mail": MAIL,
    "phone": NUMBER,
    "responsible": "Core operations\n\n SOC ",
    "consulted": "",
    "informed": "",
    "tlp": "AMBER",
}


def test_a_representative_begins_names_somebody_and_goes_on_to_the_next_gap(boss, team):
    organisation = team.organisation
    begin = reverse("responsibility:begin", args=[organisation.id])
    assert "Everybody reads" in html(boss, begin)
    boss.post(begin)
    matrix = Matrix.objects.get()
    edit = at("edit", matrix, "core")
    shown = mark(entry_of(matrix), FIELDS)
    sent = boss.post(edit, {**GOOD, "shown": shown, "go_on": "1"})
    assert sent.url == at("edit", matrix, "ran")
    entry = entry_of(matrix)
    assert (entry.name, entry.responsible) == (NAME, ["Core operations", "SOC"])
    assert "Last change:" in html(boss, at("matrix", matrix))


def test_what_a_colleague_saved_first_is_said_and_nothing_typed_is_lost(boss, matrix):
    shown = mark(entry_of(matrix), FIELDS)
    named(matrix, name="Ona Other")
    answer = boss.post(at("edit", matrix, "core"), {**GOOD, "shown": shown})
    assert answer.status_code == 409
    assert NAME in answer.content.decode()
    assert entry_of(matrix).name == "Ona Other"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "two\nlines"},
        {"role_title": ""},
        {"role_title": "nul\x00"},
        {"mail": "no address"},
        {"mail": "a@b.example\nBcc: c@d.example"},
        {"phone": "112 or so"},
        {"responsible": "\n".join("x" * n for n in range(1, 12))},
        {"responsible": "x" * 81},
        {"tlp": "CLEAR"},
        {"tlp": "RED"},
        {"account": "not-a-uuid"},
        {"shown": ""},
    ],
)
def test_bad_input_is_refused_beside_its_field_and_changes_nothing(boss, matrix, wrong):
    sent = {**GOOD, "shown": mark(entry_of(matrix), FIELDS), **wrong}
    answer = boss.post(at("edit", matrix, "core"), sent)
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode() or "incomplete" in answer.content.decode()
    assert entry_of(matrix).who == ""


def table_of(matrix, **changes):
    """The quick table as a browser sends it."""
    sent = {}
    for entry in Entry.objects.filter(matrix=matrix):
        held = {"shown": mark(entry, FIELDS), "name": entry.name, "role_title": entry.role_title}
        held |= {"mail": entry.mail, "phone": entry.phone, "account": entry.person_id or ""}
        held |= changes.get(entry.domain, {})
        sent |= {f"{entry.domain}-{field}": value for field, value in held.items()}
    return sent


def test_the_quick_table_saves_only_what_was_changed(boss, matrix):
    named(matrix, "ran", confirmed_at=clock.now())
    html(boss, at("table", matrix))
    new = {"name": NAME, "role_title": "Head of core"}
    assert boss.post(at("table", matrix), table_of(matrix, core=new)).status_code == 302
    assert entry_of(matrix).name == NAME
    assert entry_of(matrix, "ran").state == EntryState.CONFIRMED
    assert matrix.changes.count() == 1


def test_the_quick_table_keeps_what_was_typed_and_names_the_wrong_line(boss, matrix):
    sent = table_of(matrix, core={"name": NAME, "role_title": ""})
    answer = boss.post(at("table", matrix), sent)
    assert answer.status_code == 400
    told = answer.content.decode()
    assert NAME in told
    assert 'href="#domain-core"' in told


def chain_of(**changes):
    """The chain's form as a browser sends it, with five empty people."""
    sent = {"nobody": ""}
    for n in range(1, 6):
        held = {"place": n, "account": "", "name": "", "role_title": "", "phone": "", "hours": ""}
        held |= changes.get(f"step{n}", {})
        sent |= {f"step{n}-{field}": value for field, value in held.items()}
    return sent


def test_the_chain_is_written_in_the_order_of_the_places(boss, matrix):
    shown = re.search(r'name="shown" value="(\w+)"', html(boss, at("chain", matrix)))[1]
    one = {"name": "Dan", "role_title": "Deputy", "phone": "+358 50 0002", "place": "2"}
    two = {**one, "name": "Nora", "place": "1"}
    sent = {**chain_of(step1=one, step2=two), "shown": shown}
    assert boss.post(at("chain", matrix), sent).url == at("down", matrix)
    text = html(boss, at("down", matrix))
    assert text.index("Nora") < text.index("Dan")
    stale = boss.post(at("chain", matrix), sent)
    assert stale.status_code == 409
    lacking = boss.post(at("chain", matrix), {**sent, "step1-phone": ""})
    assert lacking.status_code == 400
    assert "Write the number that is called." in lacking.content.decode()


def test_undo_and_ending_from_the_page(boss, matrix):
    shown = mark(entry_of(matrix), FIELDS)
    boss.post(at("edit", matrix, "core"), {**GOOD, "shown": shown})
    batch = matrix.changes.get().batch
    boss.post(at("undo", matrix), {"batch": batch})
    assert entry_of(matrix).who == ""
    assert "taken back" in html(boss, at("history", matrix))
    assert boss.post(at("end", matrix), {"confirm_name": "no"}).status_code == 400
    boss.post(at("end", matrix), {"confirm_name": matrix.organisation.name})
    assert not Matrix.objects.exists()


def test_csv_is_for_spreadsheets_that_run_formulas(boss, matrix):
    named(matrix, name="=HYPERLINK(1)", responsible=["@SUM(1)"], phone="+358 9 1")
    lines = list(csv.DictReader(StringIO(html(boss, at("csv", matrix)))))
    assert len(lines) == 14
    core = next(line for line in lines if line["domain"] == "Core network")
    assert core["name"].startswith("'=")
    assert core["responsible"].startswith("'@")
    assert core["phone"] == "'+358 9 1"


def test_a_person_named_reads_it_in_my_day_and_confirms_with_a_button(matrix, team):
    person = member_of(team, name="Kai")
    entry = named(matrix, person=person)
    client = sign_in(Client(), person)
    assert "Confirm that you answer for" in html(client, "/my-day/")
    page = at("entry", matrix, "core")
    assert "It is mine, and right" in html(client, page)
    client.post(at("confirm", matrix, "core"), {"shown": mark(entry, FIELDS)})
    assert entry_of(matrix).state == EntryState.CONFIRMED
    assert "Confirm that you answer for" not in html(client, "/my-day/")
    refuse = at("refuse", matrix, "core")
    assert client.post(refuse, {"shown": mark(entry, FIELDS)}).status_code == 400
    client.post(refuse, {"shown": mark(entry, FIELDS), "reason": "moved", "remark": "Ask Ola."})
    assert "Ask Ola." in html(client, page)


def test_a_representative_reads_of_gaps_in_my_day_and_a_member_does_not(boss, matrix, team):
    assert "Gaps in who answers for what" in html(boss, "/my-day/")
    assert "Gaps in who" not in html(sign_in(Client(), member_of(team)), "/my-day/")


def test_double_owners_in_a_group_are_told_by_the_organisations_name_alone(boss, matrix):
    sister = MatrixFactory(organisation__name="Sister", organisation__group=matrix.organisation)
    for one in (matrix, sister):
        named(one, name=f"Somebody {one.organisation.name}", mail=f"{one.id.hex}@op.example")
        named(one, "lawful-interception", name="L", mail=f"l{one.id.hex}@op.example")
    text = html(boss, at("matrix", matrix))
    assert "Sister names somebody else" in text
    assert text.count("names somebody else") == 1
    assert "Somebody Sister" not in text


# The link ---------------------------------------------------------------------------------------


def test_a_link_shows_its_reader_what_they_are_named_for_and_looking_changes_nothing(matrix):
    named(matrix)
    named(matrix, "ran", name="Other", mail="other@operator.example")
    link = ConfirmLinkFactory(matrix=matrix, secret="abc")
    address = reverse("responsibility:answer", args=["abc"])
    for _again in range(2):
        text = html(Client(), address)
    assert NAME in text
    assert "Core network" in text
    assert "Other" not in text
    link.refresh_from_db()
    assert link.used_at is None
    assert entry_of(matrix).confirmed_at is None


def answered(matrix, answer, **more):
    entry = entry_of(matrix)
    sent = {"shown": mark(entry, FIELDS), "answer": answer, "remark": "", **more}
    address = reverse("responsibility:answer", args=["abc"])
    return Client().post(address, {f"{entry.id}-{field}": v for field, v in sent.items()})


def test_a_link_confirms_once_without_any_session(matrix):
    named(matrix)
    ConfirmLinkFactory(matrix=matrix, secret="abc")
    answer = answered(matrix, "mine")
    assert "Your answer is taken down." in answer.content.decode()
    assert "sessionid" not in str(answer.cookies)
    assert entry_of(matrix).state == EntryState.CONFIRMED
    assert answered(matrix, "not-me").status_code == 400
    assert entry_of(matrix).state == EntryState.CONFIRMED


def test_a_link_refuses_with_words(matrix):
    named(matrix)
    ConfirmLinkFactory(matrix=matrix, secret="abc")
    answered(matrix, "not-me", remark="Ask Ola.")
    assert (entry_of(matrix).state, entry_of(matrix).remark) == (EntryState.REFUSED, "Ask Ola.")


@pytest.mark.parametrize(
    "wrong", [{"answer": ""}, {"answer": "perhaps"}, {"shown": ""}, {"remark": "nul\x00"}]
)
def test_a_bad_answer_leaves_the_link_working(matrix, wrong):
    named(matrix)
    link = ConfirmLinkFactory(matrix=matrix, secret="abc")
    answer = answered(matrix, **{"answer": "mine", **wrong})
    assert answer.status_code == 400
    link.refresh_from_db()
    assert link.used_at is None


def test_unknown_used_and_ended_links_answer_alike(matrix):
    ConfirmLinkFactory(matrix=matrix, secret="used", used_at=clock.now())
    ConfirmLinkFactory(matrix=matrix, secret="over", expires_at=clock.now() - timedelta(days=1))
    texts = set()
    for secret in ("used", "over", "unknown"):
        answer = Client().get(reverse("responsibility:answer", args=[secret]))
        assert answer.status_code == 400
        texts.add(re.sub(r'value="[^"]*"', "", answer.content.decode()))
    assert len(texts) == 1


def test_a_hostile_name_harms_nobody_who_reads_it(boss, matrix):
    named(matrix, name="<script>alert(1)</script>", role_title="<b>x</b>")
    ConfirmLinkFactory(matrix=matrix, secret="abc")
    for client, address in (
        (boss, at("matrix", matrix)),
        (boss, at("sheet", matrix)),
        (Client(), reverse("responsibility:answer", args=["abc"])),
    ):
        assert "<script>alert" not in html(client, address)


# Coordinators and numbers -----------------------------------------------------------------------


def test_the_overview_counts_confirmed_domains_and_names_nobody(matrix):
    filled(matrix)
    named(matrix, "core", refused_at=clock.now(), confirmed_at=clock.now())
    OrganisationFactory(name="No Part", kind=OrganisationKind.MVNO)
    OrganisationFactory(name="A Vendor", kind=OrganisationKind.VENDOR)
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    text = html(desk, reverse("responsibility:operators"))
    assert "13 of 14" in text
    assert "No Part" in text
    assert "A Vendor" not in text
    assert "A Vendor" in html(desk, f"{reverse('responsibility:operators')}?show=all")
    assert "Head of core" not in text
    assert "+358" not in text


def count(client, address):
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as found:
        html(client, address)
    return len(found)


@pytest.mark.slow
def test_the_pages_ask_a_constant_number_of_questions(boss, matrix):
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    pages = [
        (boss, reverse("responsibility:home")),
        (desk, reverse("responsibility:operators")),
        (boss, at("matrix", matrix)),
        (boss, at("sheet", matrix)),
        (boss, "/my-day/"),
    ]
    named(matrix)
    StepFactory(matrix=matrix, place=1)
    before = [count(*one) for one in pages]
    filled(MatrixFactory(organisation=OrganisationFactory()))
    for code in ("ran", "ims", "cloud"):
        named(matrix, code, name=code, mail=f"{code}@operator.example")
    StepFactory(matrix=matrix, place=2)
    filled(MatrixFactory(organisation=OrganisationFactory()))
    assert [count(*one) for one in pages] == before


def chosen_account(page, domain):
    """The account that a browser sends for a line that nobody touched."""
    select = re.search(rf'<select name="{domain}-account".*?</select>', page, re.DOTALL)[0]
    return re.search(r'value="([^"]*)"[^>]* selected', select)[1]


def test_the_quick_table_leaves_the_lines_alone_of_who_has_left(boss, matrix):
    """A line that nobody touched is not emptied because its account is of the house no more."""
    gone = PersonFactory(name="Gone Person")
    named(matrix, "core", person=gone, phone="", left_at=clock.now())
    page = html(boss, at("table", matrix))
    new = {"name": "Ona", "role_title": "Head of radio"}
    sent = table_of(matrix, ran=new, core={"account": chosen_account(page, "core")})
    assert boss.post(at("table", matrix), sent).status_code == 302
    assert entry_of(matrix, "ran").name == "Ona"
    assert entry_of(matrix).person == gone
    assert entry_of(matrix).state == EntryState.LEFT


def test_a_domain_with_a_nul_in_its_address_is_none(boss, matrix):
    address = at("entry", matrix, "core").replace("core", "co%00re")
    assert boss.get(address).status_code == 404


def test_the_quick_table_leaves_alone_what_a_colleague_changed_meanwhile(boss, matrix):
    """Nobody overwrites, nor stumbles over, a line that they did not touch."""
    named(matrix, "core")
    sent = table_of(matrix, ran={"name": "Ona", "role_title": "Head of radio"})
    named(matrix, "core", name="New Name")
    assert boss.post(at("table", matrix), sent).status_code == 302
    assert (entry_of(matrix).name, entry_of(matrix, "ran").name) == ("New Name", "Ona")
