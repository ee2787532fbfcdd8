"""What became of what was sent: one definition for every analysis that speaks of response."""

from __future__ import annotations


def mail_sql(messages: str) -> str:
    """Common tables of a relation of messages, to stand after WITH.

    ``sends``: customer_id, channel, campaign ("" where not known) and moment of each message sent; what is only known
    as delivered counts where its channel never says "sent". ``mailed``: a row for each customer, channel and campaign
    with the numbers ``sent``, ``opened``, ``clicked``, ``answered``, ``gone`` (unknown where nothing came of it). What
    machines did is left out.
    """
    return f"""human AS (SELECT customer_id, "at", type, coalesce(channel, '') AS channel,
    coalesce(campaign, '') AS campaign FROM {messages} WHERE NOT coalesce(machine, false)),
says_sent AS (SELECT channel FROM human WHERE type = 'sent' GROUP BY channel),
sends AS (SELECT customer_id, channel, campaign, "at" FROM human LEFT JOIN says_sent s USING (channel)
    WHERE type = CASE WHEN s.channel IS NULL THEN 'delivered' ELSE 'sent' END),
mailings AS (SELECT customer_id, channel, campaign, count(*) AS sent FROM sends GROUP BY ALL),
responses AS (SELECT customer_id, channel, campaign, count(*) FILTER (WHERE type = 'opened') AS opened,
    count(*) FILTER (WHERE type = 'clicked') AS clicked,
    count(*) FILTER (WHERE type IN ('replied', 'redeemed')) AS answered,
    count(*) FILTER (WHERE type IN ('unsubscribed', 'complained')) AS gone FROM human GROUP BY ALL),
mailed AS (FROM mailings LEFT JOIN responses USING (customer_id, channel, campaign))"""


def responded_sql(messages: str, least: int = 1) -> str:
    """A row for each customer who was sent ``least`` messages: how many were ``sent``, to how many they ``responded``
    by a click or an answer, and how many they ``read`` (responded to, or opened).

    Several clicks in one message are one response; of a campaign sent twice at most two.
    """
    responded = "greatest(coalesce(clicked, 0), coalesce(answered, 0))"
    return (
        f"WITH {mail_sql(messages)} SELECT customer_id, sum(sent) AS sent, sum(least({responded}, sent)) AS "
        f"responded, sum(least(greatest({responded}, coalesce(opened, 0)), sent)) AS read FROM mailed "
        f"GROUP BY customer_id HAVING sum(sent) >= {least}"
    )
