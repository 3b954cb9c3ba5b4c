"""The words of the hub: one word per thing, one thing per word.

`instead_of` lists what people also say, so that a search in the page finds it; the interface
itself uses the term alone.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Word:
    """One term with its meaning in a sentence or two."""

    term: str
    meaning: str | Promise
    instead_of: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Return the fragment under which the page shows the term."""
        return slugify(self.term)


GLOSSARY = (
    Word(
        "accountable",
        _(
            "Who answers for a domain of an operator's security: one person, who "
            "confirms it every 90 days. Teams that do the work are responsible."
        ),
    ),
    Word(
        "advisory",
        _("What is published about a weakness: who is affected, how to repair it, who found it."),
        ("security notice", "bulletin"),
    ),
    Word(
        "acknowledgement",
        _("A team's first answer that it has seen what was sent to it; no judgement yet."),
    ),
    Word(
        "act of two",
        _("What one coordinator proposes and another confirms before it is carried out."),
    ),
    Word(
        "addressee",
        _("A team that a reporter chose to open the report: the desk, a listed team, or both."),
    ),
    Word(
        "APN",
        _(
            "The name of a data network that a subscriber connects to. With its operator behind "
            "it, it ends in .gprs."
        ),
        ("DNN",),
    ),
    Word(
        "applicant",
        _("Who asks to be listed: an organisation, or one person alone. No member before that."),
        ("candidate",),
    ),
    Word(
        "backup kit",
        _("A file and a passphrase that open a key without the hub, kept apart from each other."),
    ),
    Word(
        "backup",
        _(
            "A copy of database and files at one moment, sealed to a key that is kept off the hub. "
            "The hub's own keys are copied apart."
        ),
        ("dump",),
    ),
    Word(
        "capture",
        _("A file of packets as a network carried them. It is read where it lies."),
        ("pcap", "trace"),
    ),
    Word(
        "case",
        _("Everything around one weakness: its parties, sealed messages, embargo and statements."),
        ("ticket",),
    ),
    Word(
        "certificate",
        _("The verdict on evaluated equipment. An OpenPGP certificate is called a key here."),
    ),
    Word("channel", _("A way to reach a team: address, telephone, page, chat, with its hours.")),
    Word(
        "claim",
        _("What an organisation says is its own, such as a number range, until it is confirmed."),
    ),
    Word(
        "code name",
        _("The neutral name of a case outside; it says nothing about product or party."),
    ),
    Word(
        "confidence",
        _(
            "How sure the hub is that a party answers for an identifier, in percent. 95 is a "
            "verified claim on the identifier itself; anything less waits for a person."
        ),
        ("certainty",),
    ),
    Word(
        "confirmation",
        _(
            "That who leads a team says that its entry is still right; asked for every 90 days. "
            "A key is confirmed by the desk, through a second channel."
        ),
    ),
    Word("constituency", _("Those whom a team serves: networks, products, customers, a country.")),
    Word(
        "content",
        _(
            "What people say or send in a message: text, speech, data. It is never taken out of a "
            "capture and never shown."
        ),
        ("payload", "user data"),
    ),
    Word(
        "contribution",
        _("What a member does for the others, as the hub saw it done; nobody types one."),
    ),
    Word(
        "coordinating team",
        _("Who brings the parties together: the desk, or the team that the reporter chose."),
    ),
    Word(
        "coordinator",
        _("A member of the desk who has switched on a time-limited session for the desk's acts."),
    ),
    Word(
        "CPE",
        _("A name of a product for machines, by vendor, product and version."),
        ("Common Platform Enumeration",),
    ),
    Word("CSAF", _("The Common Security Advisory Framework: advisories that machines can read.")),
    Word("deployer", _("Who runs the equipment, in most cases an operator.")),
    Word(
        "deputy",
        _(
            "The team or person who is told when the desk misses its promise to a reporter; never "
            "of what. In a team, the role of who stands in for its representative."
        ),
    ),
    Word("desk", _("The triage team of the hub, and only that."), ("front desk", "helpdesk")),
    Word(
        "Diameter realm",
        _("The domain that names a network in 4G signalling, such as epc.mnc001.mcc001….org."),
    ),
    Word(
        "digest",
        _("One mail in place of many, at fixed hours, and sent even when there is nothing to say."),
    ),
    Word(
        "domain event",
        _("What one room of the hub tells another in passing; gone once delivered. No record."),
    ),
    Word(
        "edition",
        _("One version of a public list as it was taken into the reference data."),
    ),
    Word(
        "embargo",
        _("The time until which the parties agree to keep a weakness to themselves."),
        ("moratorium",),
    ),
    Word(
        "excused absence",
        _(
            "Days that do not count as passed in standing, asked for by a member and confirmed by "
            "the desk."
        ),
    ),
    Word(
        "feed key",
        _(
            "What a member gives a program, so that it reads TLP:GREEN advisories for them, "
            "asks whose identifiers are, or reports incidents for their team."
        ),
    ),
    Word(
        "fingerprint",
        _("The 40 characters that identify a key; compared by voice or in person before trust."),
    ),
    Word(
        "findable",
        _(
            "A claim that answers a stranger's exact question with its holder's contact, once it "
            "is verified. Its holder chooses so; the others answer nobody outside."
        ),
    ),
    Word("finder", _("Who found a weakness. A finder who writes to the hub is a reporter.")),
    Word(
        "founding phase",
        _("The time until ten organisations are members, in which two coordinators admit."),
    ),
    Word(
        "gateway",
        _(
            "A site that shows an onion service to ordinary browsers, and reads all that passes. "
            "A gateway for text messages is the one of a hook."
        ),
        ("tor2web", "onion proxy"),
    ),
    Word(
        "Global Title",
        _("An address in SS7 signalling that looks like a telephone number."),
        ("GT",),
    ),
    Word(
        "grace",
        _("The year in which who has joined keeps standing without contributions."),
    ),
    Word(
        "guarded",
        _("Stored encrypted under keys kept elsewhere: the running hub reads it, a thief cannot."),
    ),
    Word(
        "GUTI",
        _("What the serving network calls a subscriber for a while, in 4G and 5G."),
    ),
    Word(
        "hand-over",
        _("Passing a signed message on to another party: it arrives whole, with its signature."),
        ("forwarding",),
    ),
    Word(
        "head",
        _("What stands for all sealed records at a moment, signed by the hub. Keep one elsewhere."),
        ("tree head", "root"),
    ),
    Word("holder", _("The organisation to which an identifier is assigned.")),
    Word(
        "hook",
        _("An address of a team's own, or its SMS gateway, through which the hub pages it."),
        ("webhook",),
    ),
    Word(
        "house",
        _("The organisation at the top of a group: all that belongs to it speaks with one voice."),
    ),
    Word("hub key", _("The key with which the hub signs what it publishes. It opens nothing.")),
    Word(
        "IMEI",
        _("The number of a device. Its first eight digits name the vendor's model."),
    ),
    Word(
        "IMSI",
        _("The number of a subscription: the home network first, then the subscriber."),
        ("SUPI",),
    ),
    Word(
        "incident",
        _(
            "An attack or an outage that happens or happened in a network. Of one that is reported "
            "here the teams know that were told."
        ),
    ),
    Word(
        "indicator",
        _("An identifier by which others recognise an incident in their own networks."),
    ),
    Word(
        "intake key",
        _("The part of the desk's key that reports are sealed to for 90 days, then the next."),
    ),
    Word(
        "interest",
        _("What ties a coordinator to an organisation, so that its cases are kept from them."),
    ),
    Word(
        "key",
        _("An OpenPGP certificate: messages are sealed to it, and signatures checked with it."),
        ("public key",),
    ),
    Word(
        "key for mail",
        _("What members seal an incident's facts to that they mail. It opens no text."),
    ),
    Word(
        "leaf",
        _("A record's salted fingerprint in the tree of records; it stays when the record goes."),
    ),
    Word(
        "legal hold",
        _("While it lasts nothing of a case is deleted; every party and the reporter see it."),
        ("litigation hold", "preservation order"),
    ),
    Word(
        "liaison statement",
        _("A formal letter between standards bodies, with a deadline for the answer."),
    ),
    Word("mailbox", _("Where a reporter reads answers and writes on, opened with the receipt.")),
    Word(
        "masked",
        _("Shown without the digits that name a subscriber or a device."),
    ),
    Word(
        "maturity",
        _(
            "How firmly a team stands, by its own judgement on the 45 parameters of SIM3, with "
            "levels from 0 to 4."
        ),
    ),
    Word(
        "mentor",
        _("A team of another house that stands by a younger one for a while, on request."),
    ),
    Word(
        "MSISDN",
        _("A subscriber's telephone number, with + and country code."),
        ("phone number",),
    ),
    Word(
        "need",
        _("What a team looks for on the marketplace; others see whose it is if the team wants so."),
    ),
    Word("nonconformity", _("A requirement that evaluated equipment does not meet.")),
    Word("notice", _("What the hub tells a team: by mail, in a digest, or by a page.")),
    Word(
        "notification",
        _("What a team saw of another team's, brought to that team, each with its own lines."),
    ),
    Word(
        "objection",
        _("What a member has against an applicant; the desk alone reads it, and decides on it."),
    ),
    Word(
        "objection period",
        _("The 21 days in which members may object before an applicant is listed."),
    ),
    Word(
        "observation",
        _("What a network saw, such as a message of an attack. Neither record nor domain event."),
    ),
    Word(
        "package URL",
        _("A name of a software package for machines, such as pkg:npm/name@1.0."),
        ("purl",),
    ),
    Word(
        "page",
        _("A short neutral call to whoever is on duty; it never says what it is about."),
        ("alert",),
    ),
    Word("passkey", _("A security key, or this device's finger or PIN, in place of a code.")),
    Word("party", _("A team or reporter that takes part in a case."), ("participant",)),
    Word(
        "path of trust",
        _("How vouches lead from your team to another. Names of teams to ask; it is no score."),
        ("web of trust",),
    ),
    Word(
        "playbook",
        _(
            "What to do in one kind of situation, in boxes of time: who, what, how to know that it "
            "worked, and what not to break."
        ),
        ("runbook", "response plan"),
    ),
    Word("PLMN", _("A public mobile network, named by country code and network code (MCC, MNC).")),
    Word(
        "phone chain",
        _("Who is called first, second and so on when an operator's network is down."),
        ("call tree",),
    ),
    Word(
        "point code",
        _("The address of a node in one SS7 network. A national one means nothing elsewhere."),
    ),
    Word("position", _("What a vendor says per product: affected, not affected, fixed.")),
    Word("PSIRT", _("A vendor's team for the security of its products.")),
    Word("readable", _("Stored as it is: the hub and its administrators can read it.")),
    Word(
        "provisional",
        _("Come by an invitation into a case: not listed, and without rights beyond its cases."),
    ),
    Word(
        "receipt",
        _("Eight words or 32 digits that a reporter gets before sending: the only way back."),
        ("passphrase of the report", "tracking number"),
    ),
    Word(
        "record",
        _("The lasting note of an act: who, what, when; never what was written."),
        ("audit record",),
    ),
    Word(
        "reference data",
        _(
            "Public lists of network codes, calling codes and addresses, with source and day: "
            "confirmed by nobody here, and told after every claim."
        ),
    ),
    Word("reporter", _("Who sends a report, with or without a name.")),
    Word(
        "resolve",
        _(
            "To say whose an identifier is, and which team to turn to: by claims first, then by "
            "public lists."
        ),
        ("look up", "attribute"),
    ),
    Word(
        "responsibility matrix",
        _(
            "Who is accountable for each domain of an organisation's security, "
            "and which teams are responsible, consulted and informed."
        ),
        ("RACI",),
    ),
    Word(
        "retention",
        _("For how long a closed case is kept before its content is deleted."),
    ),
    Word(
        "RFC 2350",
        _(
            "How response teams describe themselves: a document with sections in a fixed order. "
            "The hub writes it from a team's page."
        ),
    ),
    Word(
        "rotation",
        _("Replacing a key, or a part of it, in time; the old one still opens what was before."),
    ),
    Word(
        "safe harbour",
        _("An organisation's word not to act against who reports a weakness in good faith."),
    ),
    Word(
        "sealed",
        _("Encrypted on the writer's machine to named readers; opened only on theirs."),
        ("end-to-end encrypted",),
    ),
    Word(
        "security.txt",
        _("A file on an organisation's site that says where to report a weakness (RFC 9116)."),
    ),
    Word(
        "serving network",
        _("The network that a subscriber is connected to at the moment."),
        ("visited network",),
    ),
    Word(
        "sighting",
        _("What one message in a capture says of its two ends and of the subscriber it is about."),
    ),
    Word(
        "staff session",
        _("A stretch of time with coordinator rights, for a typed purpose, looked at by another."),
    ),
    Word(
        "standing",
        _(
            "Whether a member takes part enough to vote, to stand for applicants and to read "
            "restricted documents."
        ),
        ("good standing",),
    ),
    Word("statement", _("What a vendor says in a case about its products, kept with its date.")),
    Word(
        "SUCI",
        _("The IMSI as 5G sends it: concealed, unless its home network chose not to."),
    ),
    Word("talk", _("A sealed conversation between teams, outside of cases.")),
    Word("TDoc", _("A numbered document of a 3GPP meeting.")),
    Word("team", _("The people of an organisation who answer together under one key.")),
    Word("test case", _("One step by which an evaluation checks one requirement.")),
    Word("thread", _("Messages with the same readers, listed above them.")),
    Word(
        "TLP",
        _("The Traffic Light Protocol of FIRST: the mark that says how far you may share."),
    ),
    Word("triage", _("The first look of the desk: is it a weakness, in what, who must know.")),
    Word(
        "vault",
        _("Your personal key, locked in your browser under a passphrase that the hub never sees."),
    ),
    Word("vendor", _("Who makes a product, and repairs it."), ("manufacturer", "supplier")),
    Word(
        "vouch",
        _("A team's word that it knows another one, and on what that rests. Members read it."),
        ("endorsement", "sponsorship"),
    ),
    Word("weakness", _("A flaw that can be used to do harm."), ("vulnerability", "bug")),
)
