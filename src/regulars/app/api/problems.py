"""Every error as ``application/problem+json`` (RFC 9457), and as such in the documentation."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema

from regulars.app.base.trouble import status_of
from regulars.errors import RegularsError

KIND = "application/problem+json"
TITLES = {400: "Not a request that can be read", 401: "No key", 403: "Not allowed", 404: "Not there",
          405: "Not a way to ask", 409: "Not done", 410: "Gone", 413: "Too large", 422: "Not understood",
          429: "Too many requests", 500: "Regulars itself went wrong", 503: "Not now", 507: "No room"}
log = logging.getLogger("regulars.app.api")


def problem(status: int, detail: str, code: str = "about:blank") -> HttpResponse:
    return JsonResponse({"type": code, "title": TITLES.get(status, "Error"), "status": status, "detail": detail},
                        status=status, content_type=KIND)


class Api(NinjaAPI):
    """Ninja's, with answers of 400 and more documented as what they are."""

    def get_openapi_schema(self, *args: Any, **attributes: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(*args, **attributes)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, answer in operation.get("responses", {}).items():
                    if int(status) >= 400 and "application/json" in answer.get("content", {}):
                        answer["content"] = {KIND: answer["content"]["application/json"]}
        return schema


def handle(api: Api) -> None:
    """Have every error told so."""
    def known(request: HttpRequest, error: Any) -> HttpResponse:
        return problem(status_of(error), str(error), error.code)

    def invalid(request: HttpRequest, error: Any) -> HttpResponse:
        said = "; ".join(f"{'.'.join(str(p) for p in each['loc'])}: {each['msg']}" for each in error.errors)
        return problem(422, said, "request.invalid")

    def http(request: HttpRequest, error: Any) -> HttpResponse:
        return problem(error.status_code, str(error))

    def throttled(request: HttpRequest, error: Any) -> HttpResponse:
        answer = problem(429, "Wait a little and send it again.", "request.too_many")
        answer["Retry-After"] = str(int(error.wait or 1) + 1)
        return answer
    api.add_exception_handler(RegularsError, known)
    api.add_exception_handler(ValidationError, invalid)
    api.add_exception_handler(Throttled, throttled)
    api.add_exception_handler(HttpError, http)
    api.add_exception_handler(AuthenticationError, lambda r, e: problem(401, "Send a key: Authorization: Bearer rk_…"))
    api.add_exception_handler(Http404, lambda r, e: problem(404, "There is nothing at this address."))
    api.add_exception_handler(SuspiciousOperation, lambda r, e: problem(400, "This request cannot be read."))
    api.add_exception_handler(BadRequest, lambda r, e: problem(400, "This request cannot be read."))
    api.add_exception_handler(Exception, _unknown)


def _unknown(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("failed", extra={"method": request.method,
                                   "page": request.resolver_match.route if request.resolver_match else ""})
    return problem(500, "Nothing of this request was kept.", "error")
