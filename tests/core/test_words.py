"""Words for people."""

import pickle

from app.core.invalid import InvalidValue
from app.core.words import N_, Phrase, Word, filled, snake_case


class Colour(Word):
    RED = "red", N_("红"), "red"
    BLUE = "blue", N_("蓝")


def test_a_word_is_its_key_with_a_label_and_a_tone():
    assert (Colour.RED, Colour.RED.label, Colour.RED.tone) == ("red", "红", "red")
    assert (str(Colour.BLUE), Colour.BLUE.tone) == ("blue", "")


def test_a_word_is_found_by_its_key_and_only_by_it():
    assert Colour("red") is Colour.of("red") is Colour.RED
    assert [Colour.of(key) for key in ("RED", "红", None, 1, [], {})] == [None] * 6


def test_choices_come_in_the_order_of_declaration():
    assert Colour.choices() == [("red", "红"), ("blue", "蓝")]


def test_a_word_survives_pickling():
    assert pickle.loads(pickle.dumps(Colour.RED)) is Colour.RED


def test_facts_that_are_words_are_translated_too():
    english = {"%(a)s 是 %(b)s %(c)s": "%(a)s is %(b)s %(c)s", "红": "red", "色": "colour"}
    facts = {"a": Colour.RED, "b": Phrase("色"), "c": "色"}
    assert filled("%(a)s 是 %(b)s %(c)s", facts, english.__getitem__) == "red is colour 色"


def test_a_message_without_facts_may_hold_a_percent_sign():
    assert filled("100%", {}, str) == "100%"


def test_an_invalid_value_reads_as_its_message():
    error = InvalidValue(N_("最多 %(n)s 个"), n=3)
    assert (str(error), error.message, error.facts) == ("最多 3 个", "最多 %(n)s 个", {"n": 3})


def test_names_become_snake_case():
    names = ["OrderLine", "Order", "HTTPPage", "already_snake", "Area51Line"]
    assert [snake_case(name) for name in names] == [
        "order_line",
        "order",
        "http_page",
        "already_snake",
        "area51_line",
    ]
