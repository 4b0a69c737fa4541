"""Scores of samples, each with its error, its number of samples and its protocol."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from .accuracy import Accuracy
    from .answer_scores import AnswerScores
    from .class_maps import MapAgreement
    from .classifier import ClassifierFile
    from .clustering_accuracy import CodeAccuracy
    from .columns import ColumnScores
    from .contract import VERSIONS as VERSIONS
    from .contract import Metric, Result
    from .contract import TwoSided as TwoSided
    from .contract import require_comparable as require_comparable
    from .custom_extractors import ModuleExtractor, OnnxExtractor
    from .digit_mlp_scores import DigitMlpScores
    from .digit_scores import DigitScores
    from .digits import Digits
    from .digits_mlp import DigitsMlp
    from .duplicates import PAIRED as PAIRED
    from .duplicates import duplicate_score as duplicate_score
    from .extractor import Extractor, Features
    from .extractor import require_extractor as require_extractor
    from .extractor_files import extractor_from_file as extractor_from_file
    from .frechet import extrapolate as extrapolate
    from .frechet import frechet_with_error
    from .inception import PROFILES as PROFILES
    from .inception import Inception
    from .kernel import kernel_distance
    from .known_weights import MissingWeights as MissingWeights
    from .memorization import Memorization as Memorization
    from .memorization import closest_pairs as closest_pairs
    from .memorization_scores import copy_scores as copy_scores
    from .memorization_scores import membership_scores as membership_scores
    from .modes import ModeCoverage
    from .moving_digit_scores import MovingDigitScores
    from .oracle_likelihood import OracleLikelihood
    from .perceptual import Perceptual
    from .pesq_and_stoi import speech_quality
    from .photo_features import PhotoFeatures
    from .picture_spaces import space_extractor as space_extractor
    from .picture_spaces import spaces_for as spaces_for
    from .pictures import PictureScores
    from .pixels import Pixels
    from .prdc import prdc_with_errors
    from .prediction_information import PredictionInformation
    from .random_features import RandomConvolutions
    from .resnet_features import ResnetFeatures
    from .restoration import HoleError, Restoration
    from .score_names import GROUPS as GROUPS
    from .score_names import check_groups as check_groups
    from .score_names import trained_in as trained_in
    from .scores import extractor_scores as extractor_scores
    from .scores_of_moments import balance_of as balance_of
    from .series_scores import SeriesScores
    from .shape_scores import ShapeScores
    from .spoken_digit_scores import SpokenDigitScores
    from .spoken_digits import SpokenDigits
    from .stacked import StackedModes
    from .statistics import FeatureStatistics as FeatureStatistics
    from .student import Difference as Difference
    from .student import Mean as Mean
    from .student import difference_of as difference_of
    from .student import mean_of as mean_of
    from .table_scores import TableScores
    from .text_scores import TextScores
    from .translated_digits import TranslatedDigits
    from .vocoder_scores import VocoderScores
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Accuracy",
    "AnswerScores",
    "ClassifierFile",
    "CodeAccuracy",
    "ColumnScores",
    "DigitMlpScores",
    "DigitScores",
    "Digits",
    "DigitsMlp",
    "Extractor",
    "Features",
    "HoleError",
    "Inception",
    "MapAgreement",
    "Metric",
    "ModeCoverage",
    "ModuleExtractor",
    "MovingDigitScores",
    "OnnxExtractor",
    "OracleLikelihood",
    "Perceptual",
    "PhotoFeatures",
    "PictureScores",
    "Pixels",
    "PredictionInformation",
    "RandomConvolutions",
    "ResnetFeatures",
    "Restoration",
    "Result",
    "SeriesScores",
    "ShapeScores",
    "SpokenDigitScores",
    "SpokenDigits",
    "StackedModes",
    "TableScores",
    "TextScores",
    "TranslatedDigits",
    "VocoderScores",
    "frechet_with_error",
    "kernel_distance",
    "prdc_with_errors",
    "speech_quality",
]
