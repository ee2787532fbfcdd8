"""Analyses as parts of pages: worked out by a job, kept while the facts stand still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from regulars.app.insights import kept
from regulars.app.jobs import running
from regulars.app.jobs.models import Job
from regulars.shop import Shop

PART = "/insights/profit/?segment=any(orders)"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    kept._kept.clear()


def test_it_is_worked_out_once_and_shown_with_its_moment(shop: Shop, owner: Client) -> None:
    asking = owner.get(PART, headers={"hx-request": "true"}).text
    owner.get(PART, headers={"hx-request": "true"})
    assert "Being worked out" in asking and 'hx-trigger="load delay:1s"' in asking
    assert Job.objects.count() == 1
    running.drive()
    said = owner.get(PART, headers={"hx-request": "true"}).text
    assert "4 customers brought" in said and "4 customers looked at" in said
    assert "hx-trigger" not in said
    assert Job.objects.count() == 1


def test_it_is_asked_anew_when_facts_came_in(shop: Shop, owner: Client) -> None:
    owner.get(PART)
    running.drive()
    shop.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    assert "Being worked out" in owner.get(PART).text


def test_too_little_data_is_said_and_not_asked_again(shop: Shop, owner: Client) -> None:
    owner.get("/insights/value/")
    running.drive()
    said = owner.get("/insights/value/").text
    assert "needs at least" in said and Job.objects.count() == 1


def test_a_wrong_rule_is_said(shop: Shop, owner: Client) -> None:
    owner.get("/insights/profit/?segment=gendre")
    running.drive()
    assert "gendre" in owner.get("/insights/profit/?segment=gendre").text


def test_an_analysis_there_is_not_names_the_nearest(shop: Shop, owner: Client) -> None:
    answer = owner.get("/insights/profits/")
    assert answer.status_code == 404 and "profit" in answer.text
