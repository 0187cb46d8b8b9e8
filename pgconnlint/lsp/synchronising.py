"""Open texts are kept by `buffers`; the library's own copies, which split lines differently, are not made."""

from __future__ import annotations

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol, lsp_method


class Protocol(LanguageServerProtocol):
    """The library's protocol without its texts: a second copy of each would only cost time, and count form feeds as
    ends of lines. Handlers are called, not yielded: of what is yielded the library keeps a future for ever."""

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params):  # type: ignore[no-untyped-def]  # the library's own signature
        self.fm.features[types.TEXT_DOCUMENT_DID_OPEN](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params):  # type: ignore[no-untyped-def]  # the library's own signature
        self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params):  # type: ignore[no-untyped-def]  # the library's own signature
        self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE](params)
