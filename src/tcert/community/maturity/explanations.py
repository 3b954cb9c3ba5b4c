"""What each parameter of SIM3 asks, and what would show it: this hub's own words.

The level says how firmly an answer stands; these say what the question is. SIM3 itself is a
publication of the Open CSIRT Foundation (data/NOTICE.txt).
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ASKS: Mapping[str, tuple[str | Promise, str | Promise]] = MappingProxyType(
    {
        "O-1": (
            _("Who, high enough in the house, has given the team its task?"),
            _("The decision of the board, with its date."),
        ),
        "O-2": (
            _("For whom does the team work: which networks, products, customers, countries?"),
            _("Section 3.2 of your RFC 2350; a list of networks."),
        ),
        "O-3": (
            _("What may the team do to those it serves, such as take an element out of service?"),
            _("The paragraph of the policy that gives the right; section 3.4."),
        ),
        "O-4": (
            _("What must the team see to, and what is the task of others?"),
            _("A table of tasks against departments."),
        ),
        "O-5": (
            _("Which services does the team give, and how does one ask for them?"),
            _("Sections 5.1 and 5.2; a page for the constituency."),
        ),
        "O-6": (
            _("What does the team say in public, through whom, and what never?"),
            _("The media policy; the name of the press office."),
        ),
        "O-7": (
            _("Within which time does the team answer, and to whom is that promised?"),
            _("First answer within an hour, as promised to the operations centre."),
        ),
        "O-8": (
            _("Into which kinds and severities are incidents sorted, so that figures compare?"),
            _("The list of kinds; a ticket that shows it in use."),
        ),
        "O-9": (
            _("In which communities of teams does it take part, and how far?"),
            _("Member of this hub, of the national group; dates of meetings attended."),
        ),
        "O-10": (
            _("Is there one document that holds all of the above together?"),
            _("The team's handbook with its table of contents."),
        ),
        "O-11": (
            _("Under which security rules does the team itself work?"),
            _("The security policy of the house, with what is stricter for the team."),
        ),
        "H-1": (
            _("Which conduct does everybody in the team owe, also after leaving it?"),
            _("The signed code; the page that new people sign."),
        ),
        "H-2": (
            _("Does the team still work when people are ill, on leave, or all needed at once?"),
            _("The duty roster; three people at least for each task."),
        ),
        "H-3": (
            _("Which skills does each role need?"),
            _("The description of each role, such as signalling analyst."),
        ),
        "H-4": (
            _("How do people of the team grow over the years?"),
            _("The plan for each person; the budget for it."),
        ),
        "H-5": (
            _("Which technical training is given, to new people and to old hands?"),
            _("Courses on 5G core, SS7 and forensics, with who took them."),
        ),
        "H-6": (
            _("Who learns to speak with upset people, to present, to lead in a crisis?"),
            _("The course on crisis calls; the list of who took it."),
        ),
        "H-7": (
            _("Do people meet their peers elsewhere, and does the house pay for it?"),
            _("Meetings attended last year, and by whom."),
        ),
        "T-1": (
            _("Does the team know which equipment and versions its constituency runs?"),
            _("The inventory; how old its entries are."),
        ),
        "T-2": (
            _("From which sources does the team learn of weaknesses and attacks?"),
            _("The list of sources with who reads them."),
        ),
        "T-3": (
            _("Does mail to the team arrive in one place that all on duty read?"),
            _("The shared mailbox, and who has access."),
        ),
        "T-4": (
            _("Is each incident kept in a system, with who did what and when?"),
            _("The ticket system; a ticket from arrival to end."),
        ),
        "T-5": (
            _("Can the team telephone when its own network is down?"),
            _("A second carrier's phones; the date on which they were tried."),
        ),
        "T-6": (
            _("Can the team write and chat when its own systems are down or read by others?"),
            _("A messenger outside the house; who is in the group."),
        ),
        "T-7": (
            _("Does the team have a way to the Internet that does not hang on its own network?"),
            _("A line of another provider; when it was last used."),
        ),
        "T-8": (
            _("With which tools are incidents prevented?"),
            _("Signalling firewall, filters, scanners; who keeps their rules."),
        ),
        "T-9": (
            _("With which tools are incidents noticed?"),
            _("Probes on roaming links, alarms, honeypots; who looks at them."),
        ),
        "T-10": (
            _("With which tools are incidents examined and ended?"),
            _("Trace decoders, forensic station, clean administration hosts."),
        ),
        "P-1": (
            _("How and when does the team reach who governs it, at night as well?"),
            _("The criteria, the numbers, the last time that it was done."),
        ),
        "P-2": (
            _("How does the team reach the press office before the press calls?"),
            _("The number, and what is told first."),
        ),
        "P-3": (
            _("How does the team reach the lawyers, such as for a duty to report?"),
            _("The number; the list of legal time limits."),
        ),
        "P-4": (
            _("How is prevention done, step by step?"),
            _("The process from a warning to the changed filter."),
        ),
        "P-5": (
            _("How does an alarm become an incident that somebody owns?"),
            _("The process from alarm to ticket, with times."),
        ),
        "P-6": (
            _("How is an incident worked on until its end?"),
            _("The process with its states; a ticket that went through it."),
        ),
        "P-7": (
            _("Are there plans for kinds of incidents that come again or hurt most?"),
            _("Plans for signalling attacks, fraud, ransomware, loss of the core."),
        ),
        "P-8": (
            _("Who looks at the team from outside, and what becomes of what they find?"),
            _("The last audit; what was changed after it."),
        ),
        "P-9": (
            _("How is the team reached in an emergency, by whom, and is it tried?"),
            _("The round-the-clock number; the result of the last drill."),
        ),
        "P-10": (
            _("Can strangers find the team: mailboxes, web page, security.txt?"),
            _("abuse@ and security@ arrive; security.txt is valid."),
        ),
        "P-11": (
            _("How does the team handle what was given in confidence?"),
            _("TLP rules; keys; where sealed messages are kept, and how long."),
        ),
        "P-12": (
            _("How is what the sources say read, weighed and passed on?"),
            _("Who reads each morning, and what follows."),
        ),
        "P-13": (
            _("How does the team speak to its constituency when nothing burns?"),
            _("Talks, newsletters, exercises of the last year."),
        ),
        "P-14": (
            _("How does the team report to who governs it?"),
            _("The report of the last quarter."),
        ),
        "P-15": (
            _("How does the team report to those it serves?"),
            _("Figures or lessons that the constituency got."),
        ),
        "P-16": (
            _("Does the team meet, and are decisions kept?"),
            _("The rhythm; the minutes of the last meeting."),
        ),
        "P-17": (
            _("How does the team work with its peers on a common case?"),
            _("Agreements; a case of the last year that was shared."),
        ),
    }
)
"""By id: what is asked, and an example of evidence."""
