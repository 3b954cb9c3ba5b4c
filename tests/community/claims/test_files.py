"""Files of claims as people send them: what spreadsheets do to them, and what an attacker would."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.claims import csvfile, ir21, rows
from tcert.community.claims.csvfile import FileRefused, read_csv
from tcert.community.claims.ir21 import read_ir21
from tcert.community.claims.rows import RefusedRow, Row, packed, unpacked
from tcert.foundation.identifiers.kinds import Kind

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = "kind,value,evidence,tlp,findable,valid_from,valid_until\n"


def read(text):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_csv(data, NOW))


def problems(text):
    return [(r.line, r.problem) if isinstance(r, RefusedRow) else r.value for r in read(text)]


def test_a_row_says_what_it_claims():
    (row,) = read(HEAD + "gt-range,+4917100,Letter,green,yes,2026-01-01,2026-12-31\n")
    assert (row.kind, row.value, row.evidence) == (Kind.GT_RANGE, "+4917100", "Letter")
    assert (row.tlp, row.findable) == ("GREEN", True)
    assert row.valid_until == datetime(2027, 1, 1, tzinfo=UTC)  # its last day counts


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + b"kind;value\r\nplmn;208-01\r\n",
        "kind\tvalue\nplmn\t208-01\n".encode("utf-16"),
        b'value,kind\n"208-01",PLMN\n\n',
        b"kind,value\nplmn,'208-01\n".replace(b"'", b""),
    ],
)
def test_marks_semicolons_quotes_and_empty_lines_are_what_spreadsheets_write(data):
    assert [row.value for row in read(data)] == ["208-01"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("kind,value\nplmn,Zürich\n".encode("latin-1"), "encoding"),
        (b"\xff\xfeabc", "encoding"),
        (b"sort,wert\nplmn,208-01\n", "columns"),
        (b"kind,value,kind\nplmn,208-01,asn\n", "columns"),
        (b"\n", "columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(data, problem):
    with pytest.raises(FileRefused) as refused:
        read(data)
    assert refused.value.problem == problem


def test_each_bad_row_is_told_with_its_line_and_the_others_are_read():
    text = HEAD + "\n".join(
        [
            "plmn,208-01,,,,,",
            "plmn,20801,,,,,",
            "car,208-02,,,,,",
            "plmn,208-0\x00,,,,,",
            "plmn,208-03,,RED,,,",
            "plmn,208-04,,,perhaps,,",
            "plmn,208-05,,,,31.12.2026,",
            "plmn,208-06,,,,2026-05-01,2026-04-01",
            "plmn,208-07,,,,,2026-05-01",
            f"plmn,208-08,{'x' * 2001},,,,",
            "plmn,208-09,,,,,",
        ]
    )
    assert problems(text) == [
        "208-01",
        (3, "twice"),
        (4, "kind"),
        (5, "characters"),
        (6, "tlp"),
        (7, "findable"),
        (8, "date"),
        (9, "order"),
        (10, "past"),
        (11, "long"),
        "208-09",
    ]
    assert all(r.words for r in read(text) if isinstance(r, RefusedRow))


def test_what_the_hub_writes_it_reads_again():
    """Cells that a spreadsheet would calculate are written with a mark."""
    (row,) = read(HEAD + "gt-range,'+4917100,'=1+1,,,,\n")
    assert (row.value, row.evidence) == ("+4917100", "=1+1")


def test_a_file_has_an_end(monkeypatch):
    monkeypatch.setattr(rows, "MOST_ROWS", 2)
    text = "kind,value\n" + "".join(f"asn,{n}\n" for n in range(1, 6))
    assert problems(text) == ["1", "2", (4, "many")]


def test_a_row_survives_being_kept():
    (row,) = read(HEAD + "gt-range,+4917100000-4917100499,E,AMBER,no,2026-01-01,2026-12-31\n")
    assert unpacked(packed(row)) == row


@given(st.binary(max_size=300))
def test_whatever_comes_there_is_an_answer(data):
    """No file may bring the worker down: rows, refused rows, or one refusal."""
    try:
        found = list(read_csv(b"kind,value\n" + data, NOW))
    except FileRefused:
        return
    assert all(isinstance(row, Row | RefusedRow) for row in found)


# IR.21 ---------------------------------------------------------------------------------------

IR21 = """<?xml version="1.0"?>
<tadig:TADIGRAEXIR21 xmlns:tadig="https://infocentre.gsm.org/TADIG-RAEX-IR21">
 <tadig:RAEXIR21FileHeader><tadig:SenderTADIG>XAAEX</tadig:SenderTADIG>
  <tadig:TADIGRAEXIR21SchemaVersion>18.0</tadig:TADIGRAEXIR21SchemaVersion>
 </tadig:RAEXIR21FileHeader>
 <tadig:OrganisationInfo>
  <tadig:OrganisationName>Example Mobile</tadig:OrganisationName>
  <tadig:TADIGSummaryList><tadig:TADIGSummaryItem><tadig:TADIGCode>XAAEX</tadig:TADIGCode>
   <tadig:NetworkProperties><tadig:MCC>999</tadig:MCC><tadig:MNC>70</tadig:MNC>
   </tadig:NetworkProperties></tadig:TADIGSummaryItem></tadig:TADIGSummaryList>
  <tadig:NetworkList><tadig:Network><tadig:TADIGCode>XAAEX</tadig:TADIGCode><tadig:NetworkData>
   <tadig:RoutingInfoSection><tadig:SectionID>2</tadig:SectionID><tadig:RoutingInfo>
    <tadig:CCITT_E164_NumberSeries>
    <tadig:MSISDN_NumberRanges><tadig:RangeData><tadig:NumberRange><tadig:CC>49</tadig:CC>
     <tadig:NDC>171</tadig:NDC></tadig:NumberRange><tadig:NetworkOwner>MNO</tadig:NetworkOwner>
     </tadig:RangeData></tadig:MSISDN_NumberRanges>
    <tadig:GT_NumberRanges><tadig:RangeData><tadig:NumberRange><tadig:CC>49</tadig:CC>
     <tadig:NDC>171</tadig:NDC><tadig:SN_Range><tadig:SN_RangeStart>0000</tadig:SN_RangeStart>
     <tadig:SN_RangeStop>0499</tadig:SN_RangeStop></tadig:SN_Range></tadig:NumberRange>
     </tadig:RangeData></tadig:GT_NumberRanges></tadig:CCITT_E164_NumberSeries>
    <tadig:CCITT_E212_NumberSeries><tadig:MCC>999</tadig:MCC><tadig:MNC>70</tadig:MNC>
    </tadig:CCITT_E212_NumberSeries>
    <tadig:CCITT_E214_MGT><tadig:MGT_CC>49</tadig:MGT_CC><tadig:MGT_NC>171</tadig:MGT_NC>
    </tadig:CCITT_E214_MGT></tadig:RoutingInfo></tadig:RoutingInfoSection>
   <tadig:GRXIPXRoutingForDataRoamingSection><tadig:GRXIPXRoutingForDataRoaming>
    <tadig:InterPMNBackboneIPList><tadig:IPAddressOrRange>
     <tadig:IPAddressRange>192.0.2.0/24</tadig:IPAddressRange>
     <tadig:NetworkOwner>MNO</tadig:NetworkOwner></tadig:IPAddressOrRange>
     </tadig:InterPMNBackboneIPList>
    <tadig:ASNsList><tadig:ASNItem><tadig:ASN>64496</tadig:ASN></tadig:ASNItem></tadig:ASNsList>
    <tadig:GRXIPXProvidersList><tadig:GRXIPXProviderItem>
     <tadig:ProviderName>Example Carrier</tadig:ProviderName><tadig:ASN>64511</tadig:ASN>
     </tadig:GRXIPXProviderItem></tadig:GRXIPXProvidersList>
   </tadig:GRXIPXRoutingForDataRoaming></tadig:GRXIPXRoutingForDataRoamingSection>
   <tadig:LTEInfoSection><tadig:LTEInfo>
    <tadig:Edge><tadig:FQDN>dra1.epc.mnc070.mcc999.3gppnetwork.org</tadig:FQDN>
     <tadig:FQDN>dra.carrier.example</tadig:FQDN></tadig:Edge>
    <tadig:EPCRealmsForRoaming>epc.mnc070.mcc999.3gppnetwork.org</tadig:EPCRealmsForRoaming>
   </tadig:LTEInfo></tadig:LTEInfoSection>
   <tadig:ContactInfoSection><tadig:Email>noc@example.net</tadig:Email>
    <tadig:IPAddress>203.0.113.9</tadig:IPAddress></tadig:ContactInfoSection>
   <tadig:QuantumInfoSection><tadig:QuantumInfo><tadig:ASN>64500</tadig:ASN></tadig:QuantumInfo>
   </tadig:QuantumInfoSection>
  </tadig:NetworkData><tadig:HostedNetworksInfo><tadig:ASNsList><tadig:ASN>64499</tadig:ASN>
   </tadig:ASNsList></tadig:HostedNetworksInfo></tadig:Network></tadig:NetworkList>
 </tadig:OrganisationInfo>
</tadig:TADIGRAEXIR21>"""
HELD = [
    ("plmn", "999-70"),
    ("msisdn-range", "+49171"),
    ("gt-range", "+491710000-491710499"),
    ("cidr", "192.0.2.0/24"),
    ("asn", "64496"),
    ("realm", "epc.mnc070.mcc999.3gppnetwork.org"),
    ("host", "dra1.epc.mnc070.mcc999.3gppnetwork.org"),
]


@pytest.mark.parametrize("namespace", ["tadig:", ""])
def test_an_ir21_is_read_whatever_its_namespace(namespace):
    text = IR21 if namespace else IR21.replace("tadig:", "")
    found = read_ir21(text.encode(), NOW)
    assert [(row.kind, row.value) for row in found.rows] == HELD
    assert ("organisation", "Example Mobile") in found.facts
    assert ("tadig", "XAAEX") in found.facts
    assert ("schema version", "18.0") in found.facts


def test_what_is_not_taken_over_is_told_and_what_is_unknown_first():
    """A carrier's AS number and edge agent are not the operator's; nothing is dropped unsaid."""
    facts = read_ir21(IR21.encode(), NOW).facts
    assert [fact for fact in facts if fact[0] in {ir21.LEFT, ir21.UNKNOWN}] == [
        ("unknown", "QuantumInfoSection: 1"),
        ("left", "ContactInfoSection: 2"),
        ("left", "GRXIPXRoutingForDataRoamingSection / GRXIPXProvidersList: 1"),
        ("left", "HostedNetworksInfo: 1"),
        ("left", "LTEInfoSection / FQDN: 1"),
        ("left", "RoutingInfoSection / CCITT_E214_MGT: 2"),
    ]


def test_the_older_form_of_the_section_on_the_backbone_is_read():
    text = """<TADIGRAEXIR21><OrganisationInfo><NetworkList><Network><NetworkData>
    <IPRoaming_IW_InfoSection><IPRoaming_IW_Info><InterPMNBackboneIPList>
    <IPAddressOrRange><IPAddress>192.0.2.7</IPAddress></IPAddressOrRange></InterPMNBackboneIPList>
    <ASNsList><ASN>64496</ASN></ASNsList></IPRoaming_IW_Info></IPRoaming_IW_InfoSection>
    </NetworkData></Network></NetworkList></OrganisationInfo></TADIGRAEXIR21>"""
    found = read_ir21(text.encode(), NOW)
    assert [row.value for row in found.rows] == ["192.0.2.7", "64496"]


def test_a_person_sees_who_else_owns_a_range():
    text = IR21.replace(">MNO<", ">Example MVNO<")
    assert ("network owner", "Example MVNO") in read_ir21(text.encode(), NOW).facts


def test_text_where_none_belongs_is_told_too():
    facts = read_ir21(b"<TADIGRAEXIR21>stray</TADIGRAEXIR21>", NOW).facts
    assert facts == [("unknown", "TADIGRAEXIR21: 1")]


def test_many_unknown_sections_are_bounded():
    many = "".join(f"<S{n}><a><b>x</b></a></S{n}>" for n in range(5000))
    found = read_ir21(f"<TADIGRAEXIR21>{many}</TADIGRAEXIR21>".encode(), NOW)
    assert len(found.facts) == 60


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<TADIGRAEXIR21>&b;</TADIGRAEXIR21>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><TADIGRAEXIR21/>"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, "entities"),
        (OUTSIDE, "entities"),
        ("<TADIGRAEXIR21>" + "<a>" * 500 + "</a>" * 500 + "</TADIGRAEXIR21>", "deep"),
        ("<html></html>", "not-ir21"),
        ("not xml", "xml"),
        ("<TADIGRAEXIR21>", "xml"),
        ('<?xml version="1.0" encoding="no-such"?><TADIGRAEXIR21/>', "xml"),
        ("<TADIGRAEXIR21>\x00</TADIGRAEXIR21>", "xml"),
    ],
)
def test_what_is_no_ir21_or_an_attack_is_refused(text, problem):
    with pytest.raises(FileRefused) as refused:
        read_ir21(text.encode(), NOW)
    assert refused.value.problem == problem


def test_an_ir21_that_is_too_large_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(ir21, "MOST_BYTES", 10)
    with pytest.raises(FileRefused, match="large"):
        read_ir21(IR21.encode(), NOW)


def test_a_wide_file_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(ir21, "MOST_ELEMENTS", 10)
    wide = io.StringIO()
    wide.write("<TADIGRAEXIR21>" + "<a/>" * 50 + "</TADIGRAEXIR21>")
    with pytest.raises(FileRefused, match="deep"):
        read_ir21(wide.getvalue().encode(), NOW)


def test_the_template_reads_as_the_hub_wants_it():
    text = ",".join(csvfile.COLUMNS) + "\n"
    text += "\n".join(",".join(row) for row in csvfile.EXAMPLES)
    assert not [row for row in read(text) if isinstance(row, RefusedRow)]


@pytest.mark.parametrize("column", ["valid_from", "valid_until"])
@pytest.mark.parametrize("day", ["9999-12-31", "0000-01-01", "99999-01-01"])
def test_a_day_at_the_edge_of_the_calendar_is_refused_and_stops_no_file(column, day):
    text = f"kind,value,{column}\nplmn,999-70,{day}\nplmn,999-71,\n"
    first, second = read_csv(text.encode(), NOW)
    assert (first.problem, second.value) == ("date", "999-71")
