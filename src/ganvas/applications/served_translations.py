"""A translator as a server uses it: an uploaded picture to the content of a file."""

from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UsageError
from ..runs import value_suffix
from .picture_files import parsed_picture, picture_content
from .translate_folder import form_of, translated_picture
from .translator import Translator

if TYPE_CHECKING:
    from .served_model import ServedModel

UPLOAD = Path("upload")  # the name of a picture in messages


class ServedTranslations:
    """The translations of a model, in the directions that it has; translators are made once.

    Args:
        served: the model.
        most_pixels: of an uploaded picture.
    """

    def __init__(self, served: "ServedModel", most_pixels: int) -> None:
        self.served, self.most_pixels = served, most_pixels
        self.directions: dict[bool, Translator] = {}
        for reverse in (False, True):
            try:
                self.directions[reverse] = Translator(served.model, reverse=reverse)
            except UsageError:  # it translates no pictures, or one way
                break

    def __bool__(self) -> bool:
        return bool(self.directions)

    @property
    def two_way(self) -> bool:
        """Whether it translates the other way too."""
        return len(self.directions) > 1

    def formats(self, reverse: bool) -> tuple[str, ...]:
        """In which the results of a direction can be sent.

        Args:
            reverse: the other way.

        Returns:
            Names, the usual one first.

        Raises:
            UsageError: the model has no such direction.
        """
        if reverse not in self.directions:
            how = "the other way" if self.directions else "pictures"
            raise UsageError(f"the model '{self.served.name}' does not translate {how}")
        translator = self.directions[reverse]
        if value_suffix(translator.made_dtype) != ".png":
            return ("tif",)
        exact = translator.fills_holes or translator.palette is not None or str(translator.made_dtype) != "uint8"
        return ("png",) if exact else ("png", "webp")  # WebP would change these

    def content(self, data: bytes, *, format: str, reverse: bool = False, seed: int = 0) -> bytes:
        """The translation of a picture: the bytes that `ganvas translate` writes.

        Args:
            data: a picture file.
            format: one of `formats`.
            reverse: translate the other way.
            seed: of models that have many answers.

        Returns:
            The content of a file.

        Raises:
            DataError: the picture cannot be read, is too large, or does not fit.
            UsageError: the model has no such direction or format, or fills holes and the picture has none.
        """
        if format not in self.formats(reverse):
            raise UsageError(f"a translation is not sent as {format}", hint=", ".join(self.formats(reverse)))
        translator = copy(self.directions[reverse])
        translator.seed = seed
        exact = translator.fills_holes
        before = parsed_picture(data, UPLOAD, form_of(translator), exact=exact, most_pixels=self.most_pixels)
        _, after, alpha = translated_picture(translator, before)
        return picture_content(after, alpha, f".{format}", self.served.mark(0), translator.palette)
