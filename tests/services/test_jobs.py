"""Jobs: begun with their cause, done once, tried again, never lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cli import jobs as worker
from app.core import clock, mail
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.job import LEASE, MAX_ATTEMPTS, JobState
from app.models.job import Job
from app.services import jobs
from tests.visitor import forget

LETTER = {"to": "a@example.com", "locale": None, "subject": "s", "text": "t", "facts": {}}


def enqueue(kind="mail", **options):
    with work_for(SYSTEM) as work:
        jobs.enqueue(work, kind, LETTER, **options)


def _enqueue_and_fail(work):
    jobs.enqueue(work, "mail", LETTER)
    return 1 / 0


def only_job():
    forget()
    return db.session.scalars(select(Job)).one()


def test_a_job_lives_and_dies_with_the_work_that_caused_it(app):
    with pytest.raises(ZeroDivisionError), work_for(SYSTEM) as work:
        _enqueue_and_fail(work)
    assert worker.run_due() == 0


def test_the_payload_is_encrypted_and_dropped_when_done(app):
    """RST-4, PII-9"""
    enqueue()
    assert "example.com" not in only_job().payload
    assert worker.run_due() == 1
    job = only_job()
    assert (job.state, job.payload) == (JobState.DONE, "")


def test_one_cause_makes_one_job(app):
    enqueue(key="once")
    enqueue(key="once")
    assert worker.run_due() == 1


def test_a_failed_job_is_tried_again_later_and_later(app, monkeypatch):
    def refuse(_settings):
        raise OSError

    monkeypatch.setattr(mail, "mailer_for", refuse)
    with clock.freeze(clock.now()) as hands:
        enqueue()
        assert worker.run_due() == 1
        assert worker.run_due() == 0
        hands.advance(timedelta(seconds=11))
        assert worker.run_due() == 1
        for _ in range(MAX_ATTEMPTS):
            hands.advance(timedelta(hours=2))
            worker.run_due()
    job = only_job()
    assert (job.state, job.attempts, job.error) == (JobState.FAILED, MAX_ATTEMPTS, "OSError")


def test_an_unknown_job_fails_for_good(app):
    enqueue("nothing")
    worker.run_due()
    assert only_job().state is JobState.FAILED


def test_a_dead_workers_job_is_taken_over(app):
    with clock.freeze(clock.now()) as hands:
        enqueue()
        with work_for(SYSTEM) as work:
            lost = jobs.claim(work)
        assert worker.run_due() == 0
        hands.advance(LEASE)
        assert worker.run_due() == 1
        with work_for(SYSTEM) as work:
            jobs.fail(work, lost, "too late")  # the first worker wakes up again
    assert only_job().state is JobState.DONE


def test_housekeeping_removes_what_ended_long_ago(app):
    with clock.freeze(clock.now()) as hands:
        enqueue()
        worker.run_due()
        hands.advance(timedelta(days=8))
        worker.tidy_up()
    forget()
    assert db.session.scalars(select(Job)).all() == []
