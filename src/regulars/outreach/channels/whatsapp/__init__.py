"""WhatsApp through a provider or Meta's own interface: the subject names the approved template, the text fills it.

Whose consent to text messages is asked: facts know no other of the phone.
"""

from regulars.outreach import ways
from regulars.outreach.channels.provider import ProviderChannel

CHANNEL = ProviderChannel("whatsapp", ways.WHATSAPP, "sms", "phone", (
    '{"messaging_product": "whatsapp", "to": "{{to}}", "type": "template", "template": {"name": "{{subject}}", '
    '"language": {"code": "{{language}}"}, "components": [{"type": "body", "parameters": [{"type": "text", "text": '
    '"{{text}}"}]}]}, "biz_opaque_callback_data": "{{id}}"}'))
