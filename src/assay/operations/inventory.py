"""Take the inventory of a root: every layer is walked once (or found in the cache), then all are merged."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from assay.collect.image import Image, Layer
from assay.collect.limits import DEFAULT_LIMITS, Limits
from assay.collect.parallel import map_layers
from assay.collect.problem import ReadableTree, TreeProblem
from assay.errors import AssayError, LimitExceeded
from assay.extract import registry
from assay.extract.dispatch import Dispatch
from assay.extract.merge import LayerAnalysis, merge
from assay.extract.walk import Analysis, analyze
from assay.model.inventory import ExtractError, Inventory
from assay.operations.analysis_cache import AnalysisCache


@dataclass(frozen=True, slots=True)
class Reading:
    """How roots are read. ``manifests`` is None to let the root decide whether lock files count."""

    cache: AnalysisCache | None = None
    limits: Limits = DEFAULT_LIMITS
    manifests: bool | None = None


def image_inventory(image: Image, reading: Reading) -> Inventory:
    """The inventory of an image. A layer that cannot be read at all is an error of the inventory, the others stand."""
    dispatch = Dispatch(registry.all_extractors())
    known: dict[int, Analysis] = {}
    if reading.cache:
        for position, layer in enumerate(image.layers):
            found = reading.cache.load(layer.key)
            if found is not None:
                known[position] = found
    missing = [position for position in range(len(image.layers)) if position not in known]

    def work(layer: Layer) -> Analysis:
        return analyze_tree(lambda: layer.open_tree(reading.limits), dispatch, layered=True)

    results = map_layers(work, [image.layers[position] for position in missing])
    for position, result in zip(missing, results, strict=True):
        layer = image.layers[position]
        if isinstance(result, Analysis):
            known[position] = result
            if reading.cache:
                reading.cache.save(layer.key, result)
        else:
            known[position] = Analysis(errors=(_broken(result.error),))
    if missing and reading.cache:
        reading.cache.trim()
    layers = [
        LayerAnalysis(layer.diff_id or layer.digest, known[position]) for position, layer in enumerate(image.layers)
    ]
    return merged(layers, reading)


def tree_inventory(tree: ReadableTree, reading: Reading) -> Inventory:
    """The inventory of a directory or an archive that can be walked more than once."""
    dispatch = Dispatch(registry.all_extractors())
    analysis = analyze_tree(lambda: nullcontext(tree), dispatch, layered=False)
    return merged([LayerAnalysis("", analysis)], reading)


def analyze_tree(
    opening: Callable[[], AbstractContextManager[ReadableTree]], dispatch: Dispatch, *, layered: bool
) -> Analysis:
    """Walk a tree; what the tree itself could not show becomes errors of the analysis."""
    with opening() as tree:
        analysis = analyze(tree, dispatch, layered=layered, again=opening)
        problems = tuple(_problem(problem) for problem in tree.problems)
        complete = analysis.complete and tree.complete
    return replace(analysis, errors=analysis.errors + problems, complete=complete)


def merged(layers: Sequence[LayerAnalysis], reading: Reading) -> Inventory:
    """One inventory of all layers, oldest first."""
    versions = {extractor.name: extractor.version for extractor in registry.all_extractors()}
    declared = frozenset(extractor.name for extractor in registry.declared())
    return merge(layers, versions, declared=declared, keep_declared=reading.manifests)


def _problem(problem: TreeProblem) -> ExtractError:
    return ExtractError("root", problem.path, problem.message, kind=problem.kind)


def _broken(error: AssayError) -> ExtractError:
    kind = "limit" if isinstance(error, LimitExceeded) else "unreadable"
    return ExtractError("root", "", str(error), kind=kind)
