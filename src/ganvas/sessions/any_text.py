"""A recipe for a person's own text: lines, or pairs of a question and its answer."""

from .custom_pairs import answers as answers
from .custom_pairs import with_pairs as with_pairs
from .custom_text import is_text as is_text
from .custom_text import with_text as with_text
