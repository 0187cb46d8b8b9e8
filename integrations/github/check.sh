#!/usr/bin/env bash
# The action's own work: install, check, write SARIF, annotations and the budget. Findings do not fail this step,
# so that what follows can still upload them; the status is an output, and the action's last step exits with it.
# Everything comes by environment variables: text from a pull request never becomes part of a command.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${RUNNER_TEMP:-$(mktemp -d)}/pgconnlint
mkdir -p "$work"
rm -f "$work"/pgconnlint.* "$work/budget.md"

install() {
  local what=$root
  if [ -n "${PGCONNLINT_VERSION:-}" ]; then what="pgconnlint==$PGCONNLINT_VERSION"; fi
  "${PGCONNLINT_PYTHON:-python3}" -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$what"
}

# Both commits and their common ancestor must be here; a checkout of depth 1 has neither.
history_of() {
  local base=$1 depth
  git cat-file -e "$base^{commit}" 2>/dev/null || git fetch --quiet --no-tags origin "$base"
  for depth in 100 1000; do
    if git merge-base "$base" HEAD >/dev/null 2>&1; then return; fi
    git fetch --quiet --no-tags --deepen="$depth" origin "$base" HEAD || break
  done
  git merge-base "$base" HEAD >/dev/null 2>&1 || git fetch --quiet --no-tags --unshallow origin || true
}

output() { echo "$1=$2" >>"${GITHUB_OUTPUT:-/dev/stdout}"; }

install
program=$work/venv/bin/pgconnlint
base=${PGCONNLINT_BASE:-}
budget_base=${PGCONNLINT_BUDGET_BASE:-}
if [ -n "$base$budget_base" ]; then history_of "${base:-$budget_base}"; fi

mapfile -t paths < <(printf '%s\n' "${PGCONNLINT_PATHS:-.}" | sed '/^[[:space:]]*$/d')
sarif=$work/pgconnlint.sarif
options=(--format "sarif=$sarif" --format "json=$work/pgconnlint.json")
if [ "${PGCONNLINT_ANNOTATE:-true}" = true ]; then options+=(--format github); else options+=(--format text); fi
if [ -n "${PGCONNLINT_FAIL_ON:-}" ]; then options+=("--fail-on=$PGCONNLINT_FAIL_ON"); fi
if [ -n "$base" ]; then options+=("--diff-base=$base"); fi

status=0
"$program" check "${options[@]}" -- "${paths[@]}" || status=$?
output exit-code "$status"
if [ -s "$sarif" ]; then
  output sarif-file "$sarif"
  output findings "$("$work/venv/bin/python" -c \
    'import json, sys; print(len(json.load(open(sys.argv[1], encoding="utf-8"))["findings"]))' "$work/pgconnlint.json")"
fi

if [ "${PGCONNLINT_BUDGET:-false}" = true ]; then
  options=(--format markdown)
  if [ -n "$budget_base" ]; then options+=("--diff-base=$budget_base"); fi
  budget=0
  "$program" budget "${options[@]}" >"$work/budget.md" || budget=$?
  if [ "$budget" -le 1 ] && [ -s "$work/budget.md" ]; then # 1: over the threshold, which `check` judges
    output budget-file "$work/budget.md"
    cat "$work/budget.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
  fi
fi
