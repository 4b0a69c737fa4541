"""Sources of data, what a source yields, and random numbers for sources that are made."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.draws import normal_rows, uniform_rows
    from ..ingest.splits import Split
    from ..ingest.units import Units
    from .class_subset import ClassSubset
    from .colour_digits import PlainDigits, TexturedDigits
    from .csv import Csv
    from .discs import Discs
    from .labelled_subset import LabelledSubset
    from .lstm_oracle import LstmOracle
    from .made_captions import MadeCaptions
    from .made_quatrains import MadeQuatrains
    from .made_sines import MadeSines
    from .made_table import MadeTable
    from .made_voices import MadeVoices
    from .mnist import Mnist
    from .moving_digits import MovingDigits
    from .number_pairs import NumberPairs
    from .pairs import Halves, Pairs
    from .pictures import Pictures
    from .points import Clusters, Grid, Line, Moons, Ring, Sketch, Spiral
    from .series_file import SeriesFile
    from .shapes import ShapeMaps, Shapes
    from .shards import Shards
    from .solid_shapes import SolidShapes
    from .sounds import Sounds
    from .source import Items, Source
    from .spelled_numbers import SpelledNumbers
    from .stacked_mnist import StackedMnist
    from .table import TableFile
    from .table_column import TableColumn
    from .text_lines import TextLines
    from .text_pairs_file import TextPairsFile
    from .texture import Texture
    from .video_clips import VideoClips
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "ClassSubset",
    "Clusters",
    "Csv",
    "Discs",
    "Grid",
    "Halves",
    "Items",
    "LabelledSubset",
    "Line",
    "LstmOracle",
    "MadeCaptions",
    "MadeQuatrains",
    "MadeSines",
    "MadeTable",
    "MadeVoices",
    "Mnist",
    "Moons",
    "MovingDigits",
    "NumberPairs",
    "Pairs",
    "Pictures",
    "PlainDigits",
    "Ring",
    "SeriesFile",
    "ShapeMaps",
    "Shapes",
    "Shards",
    "Sketch",
    "SolidShapes",
    "Sounds",
    "Source",
    "SpelledNumbers",
    "Spiral",
    "Split",
    "StackedMnist",
    "TableColumn",
    "TableFile",
    "TextLines",
    "TextPairsFile",
    "Texture",
    "TexturedDigits",
    "Units",
    "VideoClips",
    "normal_rows",
    "uniform_rows",
]
