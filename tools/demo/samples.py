# -*- coding: utf-8 -*-
"""The people of the demo, and texts to send with one click."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text  # noqa: F401

#: Whose phones the page shows; `tone` is a colour of the page's style sheet.
CUSTOMERS = [
    {'number': '+27820001001', 'name': 'Nomsa', 'initial': 'N', 'tone': 1},
    {'number': '+27820001002', 'name': 'Yusuf', 'initial': 'Y', 'tone': 2},
    {'number': '+27820001003', 'name': 'Lerato', 'initial': 'L', 'tone': 3},
]  # type: List[Dict[Text, Any]]

#: What customers write.
PHONE = [
    {'label': 'English', 'lang': 'en',
     'text': 'Hello, I have lost my clinic card. How do I get a new one?'},
    {'label': 'isiZulu', 'lang': 'zu',
     'text': 'Sawubona, ngilahlekelwe yikhadi lami lasemtholampilo. Ngenzenjani?'},
    {'label': 'العربية', 'lang': 'ar',
     'text': 'مرحباً، فقدتُ بطاقة العيادة. ماذا أفعل؟'},
    {'label': 'Emoji', 'lang': 'en',
     'text': 'Thank you so much! 🙏🏾 See you on Monday 😊'},
]

#: What the worker answers a first message with.
AUTO_REPLY = 'Thank you! Somebody at the clinic will answer you here.'

#: What agents answer, in the HTML that a help desk's editor makes.
DESK = [
    {'label': 'List', 'lang': 'en',
     'html': '<p>Hello! Please bring <b>your ID</b> to the clinic:</p>'
             '<ul><li>Monday to Friday, 8:00 to 16:00</li><li>Saturday until 12:00</li></ul>'},
    {'label': 'Link', 'lang': 'en',
     'html': '<p>Your nearest clinic &amp; its hours are on '
             '<a href="https://clinics.example.org/find?near=me&amp;open=now">this page</a>.</p>'},
    {'label': 'Long', 'lang': 'en',
     'html': '<p>You can get a new card at any of our clinics, on any day. Please bring your ID,'
             ' and something with your address on it, such as a letter or a bill. Your doctor will'
             ' still see you while you wait for it, and nothing that was written down is lost.'
             '</p>'},
    {'label': 'isiZulu', 'lang': 'zu',
     'html': '<p>Sawubona! Sicela uze emtholampilo <b>nomazisi</b> wakho.</p>'},
    {'label': 'العربية', 'lang': 'ar',
     'html': '<p>مرحباً! يُرجى إحضار <b>هويتك</b> إلى العيادة.</p>'},
    {'label': 'Emoji', 'lang': 'en', 'html': '<p>Get well soon! 💐</p>'},
]
