"""Scores of samples, each with its error, its number of samples and its protocol."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from .accuracy import Accuracy
    from .classifier import ClassifierFile
    from .clustering_accuracy import CodeAccuracy
    from .columns import ColumnScores
    from .contract import VERSIONS as VERSIONS
    from .contract import Metric, Result
    from .contract import check_alike as check_alike
    from .custom_extractors import ModuleExtractor, OnnxExtractor
    from .custom_extractors import from_file as from_file
    from .digits import Digits, DigitScores
    from .duplicates import PAIRED as PAIRED
    from .duplicates import same_pictures as same_pictures
    from .extractor import Extractor, Seen
    from .extractor import from_bytes as from_bytes
    from .extractor import to_bytes as to_bytes
    from .frechet import extrapolate as extrapolate
    from .inception import PROFILES as PROFILES
    from .inception import Inception
    from .known_weights import MissingWeights as MissingWeights
    from .memorization import Memorization as Memorization
    from .memorization import closest as closest
    from .memorization_scores import copies as copies
    from .memorization_scores import leaks as leaks
    from .modes import ModeCoverage
    from .perceptual import Perceptual
    from .pictures import PictureScores
    from .pixels import Pixels
    from .random_features import RandomConvolutions
    from .restoration import HoleError, Restoration
    from .scores import GROUPS as GROUPS
    from .scores import check_groups as check_groups
    from .scores import feature_scores as feature_scores
    from .scores_of_moments import balance_of as balance_of
    from .stacked import StackedModes
    from .statistics import Gathered as Gathered
    from .student import Difference as Difference
    from .student import Mean as Mean
    from .student import difference_of as difference_of
    from .student import mean_of as mean_of
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Accuracy",
    "ClassifierFile",
    "CodeAccuracy",
    "ColumnScores",
    "DigitScores",
    "Digits",
    "Extractor",
    "HoleError",
    "Inception",
    "Metric",
    "ModeCoverage",
    "ModuleExtractor",
    "OnnxExtractor",
    "Perceptual",
    "PictureScores",
    "Pixels",
    "RandomConvolutions",
    "Restoration",
    "Result",
    "Seen",
    "StackedModes",
]
