"""Lists of campaigns that go out by hand: files of their people, who is still to be called, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from regulars.app.api import keys
from regulars.app.api.answers import CHANGE, LOOK, Limit, problems
from regulars.app.api.once import once
from regulars.app.api.shapes import Moment, Text
from regulars.app.doors import audit
from regulars.app.facts import the_shop
from regulars.errors import said
from regulars.model.figures import Figures
from regulars.outreach.channels import channel, names
from regulars.outreach.channels.lists import ListChannel

router = Router(tags=["lists"])
KINDS = sorted({form.mime for name in names() if isinstance(found := channel(name), ListChannel)
                for form in found.forms})
A_FILE = {"responses": {200: {
    "description": "The file. `X-Last` is the newest person in it, to be sent as `after` the next time; `X-Rows` says "
                   "how many are told of, `X-Passed-Over` how many lack what it needs, `X-Left-Out` how many may not "
                   "be reached any more.",
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS}}}}
Language = Literal["", "en", "id", "ur", "ru"]
After = Annotated[int, Query(ge=0, lt=2**62, description="X-Last of the file before: only who was put on it since")]


class FileOut(Schema):
    """A file that can be made of it."""

    file: str
    title: str
    mime: str
    made_at: Moment | None = Field(description="When it was last made; null for never")
    last: int = Field(description="The newest person in that one: send it as after to get only who came since")
    new: int = Field(description="How many came since")


class ListOut(Schema):
    """A campaign's list; it has no files where the campaign goes out by itself."""

    campaign: str
    channel: str
    on_list: int
    files: list[FileOut]


class CallOut(Schema):
    """Somebody who is still to be called."""

    delivery: int
    customer_id: str
    name: str
    phone: str
    script: str
    outcome: str = Field(description="not_reached where it was tried in vain, else empty")


class OutcomeIn(Schema):
    """What came of a call."""

    delivery: Annotated[int, Field(ge=1, lt=2**62)]
    kind: Text = Field(description="replied, not_reached, redeemed, unsubscribed or bounced")
    note: Text = ""


class OutcomeOut(Schema):
    delivery: int
    kind: str


@router.get("/lists/{path:name}", response={200: ListOut, **problems(LOOK)},
            summary="How many are on a campaign's list, and what can be made of it")
def get_list(request: HttpRequest, name: str) -> Any:
    keys.require(request, "lists:read")
    shop = the_shop()
    campaign, figures = shop.campaigns.get(name), Figures(shop.settings)
    taken, size = shop.lists.taken(campaign.name), shop.lists.size(campaign.name)
    files = [FileOut(file=form.file, title=said(form.title, figures), mime=form.mime,
                     made_at=before.at if before else None, last=before.last if before else 0,
                     new=shop.lists.size(campaign.name, before.last) if before else size)
             for form in shop.lists.forms(campaign.name) for before in [taken.get(form.file)]]
    return ListOut(campaign=campaign.name, channel=campaign.channel, on_list=size, files=files)


@router.post("/list-files/{file}/{path:name}", response=problems(CHANGE), openapi_extra=A_FILE,
             summary="A file of everybody on the list who may still be reached; Idempotency-Key is not asked")
def make_file(request: HttpRequest, file: str, name: str, after: After = 0, language: Language = "") -> Any:
    keys.require(request, "lists:read")
    shop = the_shop()
    campaign = shop.campaigns.get(name)
    made = shop.lists.make(campaign.name, file, shop.moment(), after=after, language=language)
    audit.note(request, "list.taken_out", f"{campaign.name}: {made.name}", rows=made.rows)
    return HttpResponse(made.data, content_type=made.mime, headers={
        "Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store",
        "X-Last": str(made.last), "X-Rows": str(made.rows), "X-Passed-Over": str(made.passed_over),
        "X-Left-Out": str(sum(made.left_out.values()))})


@router.get("/calls/{path:name}", response={200: list[CallOut], **problems(LOOK)},
            summary="Who is still to be called, those first whom nobody has tried yet")
def list_calls(request: HttpRequest, name: str, limit: Limit = 50) -> Any:
    keys.require(request, "lists:read")
    shop = the_shop()
    return [CallOut(delivery=c.parcel.delivery, customer_id=c.parcel.customer_id, name=c.parcel.name, phone=c.phone,
                    script=c.parcel.text, outcome=c.outcome) for c in shop.lists.to_call(name, shop.moment(), limit)]


@router.post("/call-outcomes/{path:name}", response={201: OutcomeOut, **problems(CHANGE)},
             summary="Write down what came of a call: who wants no more calls gets none")
def call_outcome(request: HttpRequest, name: str, body: OutcomeIn) -> Any:
    key = keys.require(request, "lists:write")

    def work() -> tuple[int, OutcomeOut]:
        shop = the_shop()
        shop.lists.outcome(name, body.delivery, body.kind, shop.moment(), body.note)
        return 201, OutcomeOut(delivery=body.delivery, kind=body.kind)
    return once(request, key, body.model_dump_json(), work)
