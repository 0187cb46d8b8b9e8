import assert from "node:assert/strict";
import { test } from "node:test";

import { type State, shown, understood } from "../src/status";

test("the count is shown while there are findings", () => {
  assert.equal(shown("idle", 12).text, "$(database) pgconnlint: 12");
  assert.equal(shown("idle", 1).tooltip, "pgconnlint: 1 finding");
  assert.equal(shown("idle", 0).text, "$(check) pgconnlint");
});

test("only what needs somebody is alarming", () => {
  const alarming = (["starting", "analysing", "idle", "error", "stopped", "missing"] as State[]).filter(
    (state) => shown(state, 3).alarming,
  );
  assert.deepEqual(alarming, ["error", "stopped", "missing"]);
});

test("what the server tells is understood, anything else is not", () => {
  assert.deepEqual(understood({ state: "idle", findings: 7 }), { state: "idle", findings: 7 });
  assert.deepEqual(understood({ state: "analysing" }), { state: "analysing", findings: 0 });
  assert.deepEqual(understood({ state: "idle", findings: -1 }), { state: "idle", findings: 0 });
  for (const other of [undefined, null, "idle", {}, { state: "missing" }, { state: 1 }]) {
    assert.equal(understood(other), undefined);
  }
});
