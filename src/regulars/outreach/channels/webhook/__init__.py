"""Another program, told of each person and their message. Whose e-mail consent is asked: most of them send e-mail."""

from regulars.outreach import ways
from regulars.outreach.channels.provider import ProviderChannel

CHANNEL = ProviderChannel("webhook", ways.WEBHOOK, "email", "", (
    '{"id": "{{id}}", "type": "campaign.message", "customer_id": "{{customer_id}}", "name": "{{name}}", "email": '
    '"{{email}}", "phone": "{{phone}}", "language": "{{language}}", "subject": "{{subject}}", "text": "{{text}}", '
    '"html": "{{html}}"}'))
