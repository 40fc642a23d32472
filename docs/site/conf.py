"""How Sphinx makes the documentation site of Markdown that scripts/docs puts together."""

from pygments.lexers.dsls import ProtoBufLexer
from pygments.lexers.special import TextLexer

project = "tritonlint"
extensions = ["myst_parser"]
html_theme = "alabaster"
html_theme_options = {"fixed_sidebar": True, "page_width": "70rem"}
html_title = "tritonlint"
html_copy_source = False
html_show_copyright = False
myst_heading_anchors = 3
# Examples are broken on purpose, and so cannot all be coloured.
suppress_warnings = ["misc.highlighting_failure"]


def setup(app):
    app.add_lexer("pbtxt", ProtoBufLexer)
    app.add_lexer("layout", TextLexer)
