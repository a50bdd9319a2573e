"""Second factors cannot be guessed: how often one may try, whatever the browser or the factor."""

from datetime import timedelta

from app.core import clock
from app.core.work import SYSTEM, work_for
from app.services.user import named, users
from tests.auth.conftest import alert
from tests.auth.factors import code_of, prove, waiting, with_app, with_codes


def test_guesses_are_limited_across_browsers_and_factors(app, try_door):
    """MFA-4"""
    authenticator = with_app("sales1")
    codes = with_codes("sales1")
    with clock.freeze(clock.now()) as hands:
        browsers = [waiting(app, try_door) for _ in range(3)]
        for turn in range(5):
            method = ("totp", "recovery")[turn % 2]
            assert prove(browsers[turn % 3], "000000", method).status_code == 401
        answer = prove(browsers[0], code_of(authenticator))
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert alert(answer) == "验证次数过多，请在 5 分钟后再试。"
        assert prove(browsers[1], codes[0], "recovery").status_code == 429
        hands.advance(timedelta(minutes=5, seconds=1))
        assert prove(browsers[0], code_of(authenticator)).status_code == 302


def test_a_right_code_does_not_forgive_the_wrong_ones(app, try_door):
    """MFA-4: the owner's success gives no new guesses to a stranger."""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()):
        stranger, owner = waiting(app, try_door), waiting(app, try_door)
        for _ in range(4):
            assert prove(stranger, "000000").status_code == 401
        assert prove(owner, code_of(authenticator)).status_code == 302
        assert prove(stranger, "000000").status_code == 401
        assert prove(stranger, "000000").status_code == 429


def test_hours_and_days_have_limits_of_their_own(app, try_door):
    """MFA-4"""
    with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        judged = 0
        for _ in range(12):
            browser = waiting(app, try_door)
            for _ in range(5):
                judged += prove(browser, "000000").status_code == 401
            hands.advance(timedelta(minutes=5, seconds=1))
        assert judged == 20
        for _ in range(30):
            hands.advance(timedelta(minutes=30))
            browser = waiting(app, try_door)
            for _ in range(5):
                judged += prove(browser, "000000").status_code == 401
        assert judged == 50


def test_limits_of_codes_and_passwords_are_apart(app, try_door):
    """MFA-4"""
    with_app("sales1")
    browser = waiting(app, try_door)
    for _ in range(6):
        prove(browser, "000000")
    assert try_door("sales1", "wrong").status_code == 401
    assert waiting(app, try_door)


def guess(app, try_door, *, until=429):
    """Guess codes of sales1 until no more are judged."""
    browser = waiting(app, try_door)
    for _ in range(6):
        if prove(browser, "000000").status_code == until:
            return
    raise AssertionError


def test_an_administrator_gives_the_guesses_back(app, try_door):
    """MFA-4, LCK-14: unlocking and resetting end this waiting, too."""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()):
        guess(app, try_door)
        with work_for(SYSTEM) as work:
            users.unlock(work, named(work.session, "sales1"))
        assert prove(waiting(app, try_door), code_of(authenticator)).status_code == 302
        guess(app, try_door)
        with work_for(SYSTEM) as work:
            users.reset_mfa(work, named(work.session, "sales1"))
        authenticator = with_app("sales1")
        assert prove(waiting(app, try_door), code_of(authenticator)).status_code == 302
