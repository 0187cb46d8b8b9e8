"""Which files the editor shall tell us about when they change on disk."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

PATTERNS = (
    "**/*.{py,pyi,pyw,js,mjs,cjs,jsx,ts,mts,cts,tsx}",
    "**/*.{tf,tofu,tfvars,hcl,yaml,yml,tpl,tftpl,json,toml,ini,conf,env,prisma,rules,service,sh,bash}",
    "**/{.env,.env.*,Dockerfile*,*.Dockerfile,Containerfile*,Procfile,Kustomization,Pipfile}",
    "**/{requirements*.txt,constraints*.txt,*.lock,pgbouncer.ini*,postgresql.conf*,userlist.txt,.gitignore}",
)


def watch(server: LanguageServer) -> None:
    """Register, where the editor can."""
    workspace = server.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace is not None else None
    if watched is None or not watched.dynamic_registration:
        return
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(one) for one in PATTERNS])
    registration = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    server.client_register_capability(types.RegistrationParams([registration]))
