"""Characters as people count them: grapheme clusters. Unicode Standard Annex 29, rules GB3 to GB13, for NFC text.

https://www.unicode.org/reports/tr29
"""

from unicodedata import category, combining

CONTROLS = ("Cc", "Zl", "Zp")
JOINER = 0x200D
REGIONAL = range(0x1F1E6, 0x1F200)  # letters of which two make a flag
SKIN = range(0x1F3FB, 0x1F400)  # modifiers of emoji
SELECTORS = range(0xFE00, 0xFE10)
PICTURES = (range(0x1F000, 0x20000), range(0x2190, 0x2C00), range(0x3030, 0x3031))  # where emoji stand
LEADING, VOWELS, TRAILING = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)  # Hangul jamo


def graphemes(text: str) -> list[str]:
    """The characters of a text, each with its accents, selectors and joined parts.

    Differs from the annex in that "Prepend" characters and Indic conjuncts (GB9b, GB9c) stand alone.

    Args:
        text: normalised by NFC.

    Returns:
        Non-empty texts; joined they are the text.
    """
    if text.isascii():
        return list(text)
    found: list[str] = []
    flags = 0  # letters of flags in a row before this one
    for letter in text:
        code, before = ord(letter), found[-1] if found else ""
        if before and extends(code, letter, before, flags):
            found[-1] += letter
        else:
            found.append(letter)
        flags = flags + 1 if code in REGIONAL else 0
    return found


def extends(code: int, letter: str, before: str, flags: int) -> bool:
    """Whether a code point belongs to the character before it."""
    last = ord(before[-1])
    if category(before[-1]) in CONTROLS or category(letter) in CONTROLS:
        return False
    if combining(letter) or category(letter) in ("Mn", "Me", "Mc") or code == JOINER or code in (*SELECTORS, *SKIN):
        return True
    if last == JOINER:  # an emoji that is joined to the one before
        return any(code in each for each in PICTURES)
    if code in REGIONAL and last in REGIONAL:
        return flags % 2 == 1
    hangul = (last in LEADING and (code in LEADING or code in VOWELS or 0xAC00 <= code < 0xD7A4)) or (
        (last in VOWELS or open_syllable(last)) and (code in VOWELS or code in TRAILING)
    )
    return hangul or ((last in TRAILING or 0xAC00 <= last < 0xD7A4) and code in TRAILING)


def open_syllable(code: int) -> bool:
    """Whether this is a composed Hangul syllable without a final consonant."""
    return 0xAC00 <= code < 0xD7A4 and (code - 0xAC00) % 28 == 0
