"""The servers that the tests start are real, private, and empty."""

import psycopg
import redis

from tests.browser import open_browser
from tests.servers import new_database, start_postgres, start_redis


def _plain(url):
    return url.replace("+psycopg", "")


def test_postgres_is_recent_and_sorts_by_code_point():
    with psycopg.connect(_plain(start_postgres())) as connection:
        assert connection.info.server_version >= 150_000
        words = connection.execute("SELECT x FROM (VALUES ('b'), ('A'), ('苏')) AS t(x) ORDER BY x")
        assert [word for (word,) in words] == ["A", "b", "苏"]


def test_a_new_database_is_empty():
    for _ in range(2):
        with psycopg.connect(_plain(new_database("test_new_database"))) as connection:
            connection.execute("CREATE TABLE once (id integer)")


def test_redis_remembers():
    client = redis.Redis.from_url(start_redis())
    client.set("word", "盒")
    assert client.get("word").decode() == "盒"


def test_a_browser_shows_chinese():
    with open_browser() as browser:
        page = browser.new_page()
        page.set_content("<h1>苏州彩箱</h1>")
        assert page.inner_text("h1") == "苏州彩箱"
