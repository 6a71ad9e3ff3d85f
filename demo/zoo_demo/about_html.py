"""What the page is, what its numbers mean, and what they do not."""

from __future__ import annotations

from html import escape

from zoo import __version__
from zoo.explain import explanation_methods
from zoo_demo.limits import KEEP_SECONDS


def about(*, stated: str) -> str:
    """Return the text.

    Args:
        stated: The limits of a tile, as text.
    """
    methods = "".join(
        f"<li><b>{escape(method.title)}</b>: {escape(method.summary)}.</li>"
        for method in explanation_methods().values()
    )
    return f"""<div class="zoo-prose">
<h2>Not for diagnosis</h2>
<p>This page is for research and teaching. It is not a medical device: do not base a diagnosis or a treatment on it.</p>
<h2>What the numbers mean</h2>
<ul>
<li><b>Probability</b>: calibrated at most for images like those of the model’s validation part. The card says on
what.</li>
<li><b>Decision threshold</b>: of two classes, the second is the answer above it.</li>
<li><b>Prediction set</b>: all classes that cannot be ruled out. Of images of new patients like those of the validation,
the set contains the true class as often as the coverage says.</li>
<li><b>Like its training</b>: how far a tile is from the model’s training images, as a share of the model’s limit. Above
1 the answer is “none of these”. A model gives any image one of its classes, and does not always notice that it shows
no tissue.</li>
<li><b>How well it did</b>: the results in the model’s own bundle, with their data, split and interval. On images from
another laboratory, scanner or magnification it may do worse.</li>
</ul>
<h2>What a heat map shows</h2>
<p>What influenced a model’s answer, not what is there. Each map is scaled to its own maximum, so that the colors of two
maps are not the same amount of evidence. A map has few values, as many as its caption says, and is drawn at the size
of the network’s input.</p>
<ul>{methods}</ul>
<h2>What happens to a tile</h2>
<p>It stays on the computer that serves this page, and is deleted after {KEEP_SECONDS // 60} minutes. A tile may have
{escape(stated)}; of a file with several pages only the first is used. Heat maps and results are never stored. There
are no accounts and no analytics, and the page loads nothing from other servers.</p>
<p>histozoo {escape(__version__)}</p>
</div>"""
