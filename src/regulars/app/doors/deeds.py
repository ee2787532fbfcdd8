"""What the log says was done, in words: one for each code that `audit.note` is given."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

DEEDS: Mapping[str, str] = {
    "automation.changed": gettext_noop("changed an automation"),
    "automation.extended": gettext_noop("added a step to an automation"),
    "automation.made": gettext_noop("drafted an automation"),
    "automation.pause": gettext_noop("paused an automation"),
    "automation.removed": gettext_noop("removed an automation"),
    "automation.start": gettext_noop("switched an automation on"),
    "automation.stop": gettext_noop("switched an automation off"),
    "backup.made": gettext_noop("made a backup"),
    "backup.taken_out": gettext_noop("saved a backup elsewhere"),
    "buckets.adopted": gettext_noop("made buckets segments"),
    "campaign.changed": gettext_noop("changed a campaign"),
    "campaign.made": gettext_noop("drafted a campaign"),
    "campaign.pause": gettext_noop("paused a campaign"),
    "campaign.removed": gettext_noop("removed a campaign"),
    "campaign.resume": gettext_noop("let a campaign go on"),
    "campaign.sent": gettext_noop("sent a campaign"),
    "campaign.settled": gettext_noop("said what became of unknown messages"),
    "campaign.stop": gettext_noop("stopped a campaign"),
    "campaign.tested": gettext_noop("sent a test message"),
    "channel.settled": gettext_noop("changed the settings of a channel"),
    "customer.erased": gettext_noop("erased a customer"),
    "customers.apart": gettext_noop("said of two customers that they are two"),
    "customers.joined": gettext_noop("joined customers that are one person"),
    "customers.rule": gettext_noop("said which customers are joined by themselves"),
    "customers.taken_apart": gettext_noop("took customers apart again"),
    "database.connected": gettext_noop("connected a database"),
    "database.disconnected": gettext_noop("disconnected a database"),
    "database.query_dropped": gettext_noop("dropped a query"),
    "database.query_kept": gettext_noop("kept a query"),
    "database.settled": gettext_noop("changed a database’s connection"),
    "demo.made": gettext_noop("brought the demo shop in"),
    "file.taken_in": gettext_noop("brought a file in"),
    "files.handed_over": gettext_noop("handed files over"),
    "hook.in": gettext_noop("took a platform’s messages in"),
    "hook.out": gettext_noop("sent changes to another program"),
    "hook.withdrawn": gettext_noop("withdrew a webhook"),
    "import.taken_back": gettext_noop("took an import back"),
    "key.made": gettext_noop("made a key"),
    "key.withdrawn": gettext_noop("withdrew a key"),
    "list.taken_out": gettext_noop("saved a campaign’s list as a file"),
    "message.discarded": gettext_noop("discarded a message"),
    "move.acted": gettext_noop("did a move"),
    "person.invitation_withdrawn": gettext_noop("withdrew an invitation"),
    "person.invited": gettext_noop("invited somebody"),
    "person.joined": gettext_noop("joined"),
    "person.let_in": gettext_noop("let somebody in again"),
    "person.new_password_link": gettext_noop("made a link for a new password"),
    "person.role": gettext_noop("changed what somebody may do"),
    "person.sessions_ended": gettext_noop("signed somebody out everywhere"),
    "person.shut_out": gettext_noop("shut somebody out"),
    "rows.refused_taken_out": gettext_noop("saved refused rows as a file"),
    "segment.exported_csv": gettext_noop("saved a segment’s people as a table"),
    "segment.exported_vcard": gettext_noop("saved a segment’s people as cards"),
    "segments.looked_back": gettext_noop("took looks at segments back"),
    "segment.removed": gettext_noop("removed a segment"),
    "segment.saved": gettext_noop("saved a segment"),
    "shop.stands": gettext_noop("changed as of when the shop is told"),
    "shop.set_up": gettext_noop("set the shop up"),
    "shop.settled": gettext_noop("changed the shop’s settings"),
}


def said(what: str) -> str:
    """The deed in the reader's language; a code of an older Regulars stands as it is."""
    return _(DEEDS[what]) if what in DEEDS else what
