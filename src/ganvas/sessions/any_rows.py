"""A recipe for a person's own rows: of a table, of text, or of pairs of texts."""

from .any_table import is_table as is_table
from .any_table import with_table as with_table
from .custom_pairs import answers as answers
from .custom_pairs import with_pairs as with_pairs
from .custom_text import is_text as is_text
from .custom_text import with_text as with_text
