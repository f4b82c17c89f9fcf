"""Words by which a person opts out of being written to, or in again, in any number of languages.

A word counts only as the whole message: "STOP!" does, "please stop the pain" does not.  Case, and
punctuation and white space around it, make no difference.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import unicodedata
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.records import Subscription

#: For Python 2, whose texts have no casefold(): what upper() and lower() leave different.
_FOLDED = {0xdf: 'ss', 0x1e9e: 'ss', 0x307: None}

#: Characters of a message that may be a keyword, with what surrounds it.
_LONGEST = 200


def fold(text):
    # type: (Text) -> Text
    """What is the same of two texts that differ in case, width, or what surrounds them."""
    text = unicodedata.normalize('NFKC', text)
    # Up and down: the Greek sigmas become one, and the Turkish i's.
    text = text.upper().lower().translate(_FOLDED)
    first, end = 0, len(text)
    while first < end and _surrounds(text[first]):
        first += 1
    while first < end and _surrounds(text[end - 1]):
        end -= 1
    return ' '.join(text[first:end].split())


def _surrounds(char):
    # type: (Text) -> bool
    return unicodedata.category(char)[0] in 'PZC'


@attr.s(frozen=True, slots=True)
class Keywords(object):
    """`meanings` has what each folded word means, and in which language."""

    meanings = attr.ib(factory=dict)  # type: Dict[Text, Tuple[Subscription, Text]]

    def meaning(self, text):
        # type: (Text) -> Optional[Tuple[Subscription, Text]]
        """What a message says of the subscription, and its language; None for all others."""
        if not self.meanings or len(text) > _LONGEST:
            return None
        return self.meanings.get(fold(text))

    @classmethod
    def of(cls, opt_out, opt_in):
        # type: (Dict[Text, List[Text]], Dict[Text, List[Text]]) -> Keywords
        """From lists of words by language.  A word of several languages is the first one's, by
        name.  Errors: `ValueError`, whose text says why."""
        meanings = {}  # type: Dict[Text, Tuple[Subscription, Text]]
        for subscription, lists in (
                (Subscription.OPT_OUT, opt_out), (Subscription.OPT_IN, opt_in)):
            for language in sorted(lists):
                for word in lists[language]:
                    folded = fold(word)
                    if not folded:
                        raise ValueError('has a word without a letter or digit')
                    known = meanings.setdefault(folded, (subscription, language))
                    if known[0] is not subscription:
                        raise ValueError('has the word %s, which is among the words that say'
                                         ' the opposite' % (word,))
        return cls(meanings)
