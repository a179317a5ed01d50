"""SendGrid: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send."""

from tests.adapters.wire import KEY, Exchange, Protocol, Says

PROTOCOLS = (
    Protocol(
        "sendgrid",
        "send_mail",
        "https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send",
        {"sendgrid_url": "{root}", "sendgrid_api_key": "SG.secret-key"},
        {
            "sender": {"email": "hello@molinoalto.example", "name": "Molino Alto"},
            "recipient": {"email": "ada@example.org"},
            "reply_to": {"email": "ask@molinoalto.example"},
            "subject": "Why your next loaf starts at the mill",
            "text": "A bag of flour.",
            "html": "<p>A bag of flour.</p>",
            "headers": {"List-Unsubscribe": "<https://molinoalto.example/unsubscribe/1>"},
            "attachments": [
                {
                    "filename": "banner.png",
                    "type": "image/png",
                    "content": "iVBORw0KGgo=",
                    "content_id": "banner",
                }
            ],
        },
        (
            Exchange(
                "POST",
                "/v3/mail/send",
                Says(status=202, headers={"X-Message-Id": "14c5d75ce93.dfd.64b469"}),
                headers={
                    "authorization": "Bearer SG.secret-key",
                    "content-type": "application/json",
                },
                body={
                    "personalizations": [{"to": [{"email": "ada@example.org"}]}],
                    "from": {"email": "hello@molinoalto.example", "name": "Molino Alto"},
                    "subject": "Why your next loaf starts at the mill",
                    "content": [
                        {"type": "text/plain", "value": "A bag of flour."},
                        {"type": "text/html", "value": "<p>A bag of flour.</p>"},
                    ],
                    "tracking_settings": {
                        "click_tracking": {"enable": False},
                        "open_tracking": {"enable": False},
                    },
                    "custom_args": {"effect_key": KEY},
                    "reply_to": {"email": "ask@molinoalto.example"},
                    "headers": {"List-Unsubscribe": "<https://molinoalto.example/unsubscribe/1>"},
                    "attachments": [
                        {
                            "content": "iVBORw0KGgo=",
                            "type": "image/png",
                            "filename": "banner.png",
                            "disposition": "inline",
                            "content_id": "banner",
                        }
                    ],
                },
            ),
        ),
        {"message_id": "14c5d75ce93.dfd.64b469"},
    ),
)
