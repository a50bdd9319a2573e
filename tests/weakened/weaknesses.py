"""One switch per weakness: what it breaks, and the test that has to fail then.

A test that cannot fail proves nothing. Each switch changes the application for one test only, by
replacing one function the way a careless change might have left it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
from flask import request, session
from pytest import MonkeyPatch  # noqa: PT013 - a type
from sqlalchemy import select
from webauthn import verify_authentication_response

from app.admin_views.base import attaching, bulk, conflict, exporting
from app.auth import entrance, login, totp
from app.core import passwords, tokens
from app.core.work import Actor, Origin
from app.models.password_reset import PasswordReset
from app.models.totp import Totp
from app.services import (
    attachment,
    audit_proof,
    crud,
    device_session,
    form_token,
    login_counter,
    masking,
    passkey,
    password,
    password_reset,
    second_factor,
    sight,
    sms_code,
)
from app.services.order import Orders
from app.web import actor, headers, security
from tests.conftest import HOUSES

Switch = Callable[[MonkeyPatch], None]


@dataclass(frozen=True)
class Weakness:
    """*promise* is the ID that is broken, *test* the one that notices, on SQLite."""

    promise: str
    test: str
    switch: Switch


def put(where: Any, name: str, value: Any) -> Switch:
    """Return the switch that puts *value* in the place of *name*."""
    return lambda patch: patch.setattr(where, name, value)


def nothing(*_given: Any, **_named: Any) -> None:
    """Do nothing at all."""


def _same_session(token: str | None) -> None:
    """Take the new session, and keep everything the browser brought."""
    if token:
        session[actor.SESSION_KEY] = token


def _first_come(work: Any, user_id: int, typed: str) -> bool:
    """Accept a code whenever it fits, without a memory."""
    sealed = work.session.scalar(select(Totp.secret).where(Totp.user_id == user_id))
    app = pyotp.TOTP(tokens.box().open(sealed) or "")
    return app.verify(typed, for_time=work.now, valid_window=1)


def _no_dummy(stored: str | None, password_: str) -> bool:
    return stored is not None and passwords._verified(stored, password_.encode())


def _good_for_ever(token: str, now: Any) -> Any:
    return (PasswordReset.digest == tokens.digest_of(token),)


def _forwarded() -> Origin:
    return Origin(request.headers.get("X-Forwarded-For", request.remote_addr or ""), "")


def _allowed(*_given: Any, **_named: Any) -> login_counter.Charge:
    return login_counter.Charge("", is_allowed=True, left=4, wait=0, is_worth_noting=True)


def _everything(self: Any, _actor: Actor, _verb: str = "see") -> Any:
    return self.living()


def _keeps_version(self: Any, work: Any, record: Any, values: Any, *, version: Any) -> Any:
    self._assign(work, record, values, "edit")
    return self._keep(work, record, "edit", values)


def _long_sessions() -> device_session.SessionLimits:
    return device_session.SessionLimits(timedelta(days=99), timedelta(days=99), 3)


def _unescaped(patch: MonkeyPatch) -> None:
    for house in HOUSES.values():
        patch.setattr(house.app.jinja_env, "autoescape", False)


def _without_finger(**given: Any) -> Any:
    return verify_authentication_response(**{**given, "require_user_verification": False})


def _other_site(*_given: Any) -> str:
    return request.values.get("next", "")


WEAKNESSES: dict[str, Weakness] = {
    "session kept at login": Weakness(
        "SES-1",
        "tests/auth/test_session.py::test_login_gives_a_new_session_and_token[sqlite]",
        put(entrance, "begin_session", _same_session),
    ),
    "every permission held": Weakness(
        "AZ-2",
        "tests/admin_views/test_policy.py::test_reading_is_for_those_who_hold_the_verb[sqlite-clerk]",
        put(Actor, "may", lambda *_given: True),
    ),
    "every record in scope": Weakness(
        "AZ-3",
        "tests/admin_views/test_scope.py::test_a_foreign_record_is_missing_on_every_route[sqlite-customer]",
        put(sight.Sight, "visible_to", _everything),
    ),
    "no token asked": Weakness(
        "CSRF-1",
        "tests/admin_views/test_policy.py::test_writing_needs_a_token_on_every_route[sqlite]",
        put(security, "_require_token", nothing),
    ),
    "any password taken": Weakness(
        "PWD-1",
        "tests/auth/test_account.py::test_every_broken_rule_is_named[sqlite-Xk9#mQ2-\\u81f3\\u5c11 8 \\u4f4d]",
        put(password, "broken_rules", lambda *_given: []),
    ),
    "unknown users answered faster": Weakness(
        "ENU-2",
        "tests/core/test_passwords.py::test_enu_2_an_unknown_user_takes_as_long_as_a_known_one",
        put(passwords, "match", _no_dummy),
    ),
    "guesses without a limit": Weakness(
        "LCK-1",
        "tests/auth/test_login.py::test_wrong_passwords_show_what_is_left[sqlite-sales1]",
        put(login_counter, "charge", _allowed),
    ),
    "no device is known": Weakness(
        "LCK-4",
        "tests/auth/test_login.py::test_a_known_device_has_its_own_counter[sqlite]",
        put(login, "known_device", nothing),
    ),
    "forwarded addresses believed": Weakness(
        "LCK-8",
        "tests/auth/test_login.py::test_a_forwarded_address_is_not_believed[sqlite]",
        put(login, "origin", _forwarded),
    ),
    "reset links good for ever": Weakness(
        "RST-1",
        "tests/auth/test_reset.py::test_a_link_works_once[sqlite]",
        put(password_reset, "_is_good", _good_for_ever),
    ),
    "sessions outlive a reset": Weakness(
        "RST-5",
        "tests/auth/test_reset.py::test_resetting_ends_every_session[sqlite]",
        put(device_session, "end_all", nothing),
    ),
    "second factor never asked": Weakness(
        "MFA-5",
        "tests/auth/test_verify.py::test_nothing_opens_between_the_factors[sqlite]",
        put(second_factor, "is_asked", lambda *_given, **_named: False),
    ),
    "codes without a memory": Weakness(
        "MFA-1",
        "tests/auth/test_verify.py::test_a_code_works_once[sqlite]",
        put(totp.totp, "accept", _first_come),
    ),
    "codes guessed without a limit": Weakness(
        "MFA-4",
        "tests/auth/test_guesses.py::test_guesses_are_limited_across_browsers_and_factors[sqlite]",
        put(second_factor, "charge", nothing),
    ),
    "factors changed without the password": Weakness(
        "MFA-10",
        "tests/auth/test_factors.py::test_switching_off_needs_the_password_and_tells_the_owner[sqlite]",
        put(totp, "ask_again", nothing),
    ),
    "sessions survive signing out": Weakness(
        "SES-3",
        "tests/auth/test_session.py::test_logout_kills_the_session_on_the_server[sqlite]",
        put(device_session, "drop", nothing),
    ),
    "sessions never idle": Weakness(
        "SES-5",
        "tests/auth/test_session.py::test_an_idle_session_ends[sqlite]",
        put(actor, "limits", _long_sessions),
    ),
    "markup obeyed": Weakness(
        "XSS-1",
        "tests/admin_views/test_stored_markup.py::test_no_page_of_the_panel_obeys_stored_markup[sqlite]",
        _unescaped,
    ),
    "next leads anywhere": Weakness(
        "RED-1",
        "tests/auth/test_gate.py::test_next_leads_only_to_this_site[sqlite-https://evil.example]",
        put(entrance, "where_to", _other_site),
    ),
    "inline scripts allowed": Weakness(
        "HDR-1",
        "tests/auth/test_gate.py::test_every_answer_carries_the_headers[sqlite]",
        put(headers, "_POLICY", "default-src 'self'{nonce}; script-src 'unsafe-inline'"),
    ),
    "the last editor wins": Weakness(
        "REL-1",
        "tests/admin_views/test_form_tokens.py::test_a_second_save_is_refused_and_keeps_what_was_typed[sqlite]",
        put(crud.Crud, "update", _keeps_version),
    ),
    "forms sent twice make two": Weakness(
        "REL-3",
        "tests/admin_views/test_form_tokens.py::test_the_same_form_twice_makes_one_record[sqlite]",
        put(form_token, "once", lambda _work, _token, _entity, make: int(make().id)),
    ),
    "masks that hide nothing": Weakness(
        "PII-1",
        "tests/admin_views/test_masks.py::test_no_page_tells_a_masked_value[sqlite-viewer]",
        put(masking, "is_masked", lambda *_given: False),
    ),
    "passkeys without a finger": Weakness(
        "MFA-12",
        "tests/auth/test_passkey_refused.py::test_what_is_not_true_is_refused[sqlite-alone-not verified]",
        put(passkey, "verify_authentication_response", _without_finger),
    ),
    "text messages guessed without a limit": Weakness(
        "MFA-13",
        "tests/services/test_sms_code.py::test_no_more_than_five_are_judged_at_once[sqlite]",
        put(sms_code, "TRIES", 10**6),
    ),
    "the audit believed as it is": Weakness(
        "AUD-2",
        "tests/services/test_audit_chain.py::test_whatever_is_done_past_the_house_is_found[sqlite-actor]",
        put(audit_proof, "_require_next", nothing),
    ),
    "formulas exported": Weakness(
        "CSV-1",
        "tests/admin_views/test_export.py::test_formulas_stay_text_in_every_column[sqlite]",
        put(exporting, "guarded", lambda text: text),
    ),
    "passwords that never expire": Weakness(
        "PWD-7",
        "tests/auth/test_account.py::test_everything_is_closed_until_the_password_is_changed[sqlite-expired]",
        put(password.PasswordPolicy, "days_left", nothing),
    ),
    "credit terms written by anybody": Weakness(
        "MAS-1",
        "tests/admin_views/test_mass_assignment.py::test_credit_terms_and_owner_are_written_only_by_those_who_may[sqlite-clerk]",
        put(sight.Sight, "closed_to", lambda *_given: frozenset()),
    ),
    "files of any record": Weakness(
        "AZ-17",
        "tests/admin_views/test_attachments.py::test_files_follow_the_scope_of_their_record[sqlite]",
        put(attachment, "_of", lambda *_given: ()),
    ),
    "files shown by the browser": Weakness(
        "FILE-1",
        "tests/admin_views/test_attachments.py::test_a_file_comes_back_byte_for_byte[sqlite]",
        put(attaching, "_SANDBOX", "default-src 'self'"),
    ),
    "files without a quota": Weakness(
        "FILE-1",
        "tests/admin_views/test_attachments.py::test_a_record_and_the_house_have_room_for_so_much[sqlite]",
        put(attachment, "_check_room", nothing),
    ),
    "credit without a limit": Weakness(
        "AZ-4",
        "tests/admin_views/test_actions.py::test_credit_needs_somebody_who_answers_for_it[sqlite]",
        put(Orders, "_needs_excuse", lambda *_given: False),
    ),
    "one reason for all credits": Weakness(
        "AZ-6",
        "tests/admin_views/test_chosen_rows.py::test_a_reason_counts_only_for_what_was_shown[sqlite-1]",
        put(bulk.Asked, "excuses", lambda self, _row, names: {n: self.form[n].data for n in names}),
    ),
    "promised orders changed": Weakness(
        "MAS-1",
        "tests/admin_views/test_conflict.py::test_of_an_order_that_was_confirmed_meanwhile_the_open_fields_are_merged[sqlite]",
        put(Orders, "locked", lambda *_given: frozenset()),
    ),
    "conflicts merged without the first values": Weakness(
        "REL-1",
        "tests/admin_views/test_conflict.py::test_only_what_both_changed_needs_a_choice[sqlite]",
        put(conflict, "unpacked", nothing),
    ),
}
