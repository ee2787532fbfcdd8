"""Text messages through any provider that takes them by HTTP."""

from regulars.outreach import ways
from regulars.outreach.channels.provider import ProviderChannel
from regulars.outreach.says import WORDS

CHANNEL = ProviderChannel("sms", ways.SMS, "sms", "phone",
                          '{"id": "{{id}}", "to": "{{to}}", "from": "{{from}}", "text": "{{text}}"}', says=WORDS)
