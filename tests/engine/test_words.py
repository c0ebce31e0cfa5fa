"""Words are found wherever a search for each of them would find them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lfix.codemods.engine.rule import registry, vocabulary
from lfix.codemods.engine.sift import may_hold
from lfix.codemods.engine.words import AnyOf, Words

_LETTERS = st.binary(max_size=12).map(lambda raw: bytes(b"ab_. (="[b % 7] for b in raw))


@given(st.lists(_LETTERS.filter(bool), max_size=8), st.lists(_LETTERS, max_size=4))
def test_the_words_of_a_text(words: list[bytes], texts: list[bytes]) -> None:
    looked_for = Words(words)
    for text in texts:
        held = looked_for.held(text)
        assert [held.any(AnyOf.of([word])) for word in words] == [word in text for word in words]
        assert held.any(AnyOf.of(words)) is any(word in text for word in words)


def test_a_rule_wants_a_file_for_each_of_its_words() -> None:
    for rule in registry().values():
        for word in rule.triggers:
            for context in rule.context or (b"",):
                raw = word + b" " + context
                assert rule.may_hold(vocabulary().held(raw))
                assert may_hold([rule], raw)
        assert not may_hold([rule], b"print(1)")
    assert may_hold([], b"# lfix: ignore")
