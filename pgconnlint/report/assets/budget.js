"use strict";
/* The arithmetic of pgconnlint/budget/arithmetic.py, in the page. The tests compare both on random numbers. */
const arithmetic = {
  capacitySlots: (maximum, reserved) => Math.max(0, maximum - reserved),
  gateSlots: (capacity, threshold) => Math.floor(threshold * capacity + 1e-9),
  surgePods(pods, surge) {
    const text = surge === null || surge === undefined ? "" : String(surge).trim();
    if (/^\d+$/.test(text)) return Number(text);
    const percent = /^(\d+(?:\.\d*)?)%$/.exec(text);
    return Math.ceil((pods * (percent ? Number(percent[1]) : 25)) / 100 - 1e-9);
  },
  rolloutPods(pods, strategy, surge) {
    if (strategy === "RollingUpdate") return pods + arithmetic.surgePods(pods, surge);
    return strategy === "BlueGreen" ? 2 * pods : pods;
  },
  restartPods: (pods) => 2 * pods,
  client(model, change) {
    const pods = change.replicas ?? model.pods;
    const workers = change.workers ?? model.workers;
    const pool = change.pool ?? model.pool;
    const overflow = change.overflow ?? model.overflow;
    if ([pods, workers, pool, overflow].some((value) => value === null || value === undefined)) return null;
    const each = workers * (pool + overflow);
    const rollout = model.surges || model.strategy !== "RollingUpdate"
      ? arithmetic.rolloutPods(pods, model.strategy, model.surge)
      : pods;
    const restart = model.restarts ? arithmetic.restartPods(pods) : pods;
    return { peak: pods * each, rollout: rollout * each, restart: restart * each };
  },
  budget(record, change) {
    const maximum = change.max_connections ?? record.max_connections;
    const capacity = maximum === null ? null : arithmetic.capacitySlots(maximum, record.reserved);
    const gate = capacity === null ? null : arithmetic.gateSlots(capacity, record.threshold);
    const demands = [];
    for (const demand of record.demands) {
      const fresh = demand.model ? arithmetic.client(demand.model, change) : null;
      const connections = fresh ?? demand.connections;
      if (change.pooler && demand.model) continue;
      demands.push({ name: demand.name, kind: demand.kind, connections });
    }
    if (change.pooler) {
      const total = (change.pooler_pool ?? 20) + (change.pooler_reserve ?? 5);
      demands.push({ name: "PgBouncer", kind: "pooler", connections: { peak: total, rollout: total, restart: total } });
    }
    const totals = {};
    const known = {};
    for (const phase of ["peak", "rollout", "restart"]) {
      known[phase] = demands.every((demand) => Number.isInteger(demand.connections[phase])) && !(record.undeclared ?? []).length;
      totals[phase] = demands.reduce((sum, demand) => sum + (demand.connections[phase] ?? 0), 0);
    }
    const over = ["peak", "rollout", "restart"].filter((phase) =>
      gate !== null && totals[phase] > gate && (phase !== "restart" || record.restart_counts !== false));
    return { capacity, gate, demands, totals, known, over };
  },
};

const COLOURS = ["#3b6fb6", "#b6653b", "#4f8f5a", "#8a5fa8", "#a8893f", "#3f9aa0", "#b04a6a", "#6b6f76"];

function element(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function bar(phase, result) {
  const scale = Math.max(1, result.capacity ?? 0, ...Object.values(result.totals)) * 1.05;
  const track = element("div", { class: "track" });
  result.demands.forEach((demand, index) => {
    const value = demand.connections[phase] ?? 0;
    if (!value) return;
    const part = element("span", { class: "part", title: `${demand.name}: ${value}` });
    part.style.width = `${(100 * value) / scale}%`;
    part.style.background = COLOURS[index % COLOURS.length];
    track.append(part);
  });
  for (const [name, value] of [["gate", result.gate], ["capacity", result.capacity]]) {
    if (value === null) continue;
    const line = element("span", { class: `line ${name}`, title: `${name}: ${value}` });
    line.style.left = `${(100 * value) / scale}%`;
    track.append(line);
  }
  const total = result.totals[phase];
  const over = result.over.includes(phase);
  const sure = result.known[phase];
  const verdict = result.gate === null ? "capacity unknown" : over ? `above the gate of ${result.gate}`
    : total > result.gate ? "not held against the gate: what ends here gives its connections back at once"
    : sure ? `fits ${result.gate}` : "something is unknown";
  const shown = sure ? String(total) : `≥ ${total}`;
  const label = `${phase}: ${sure ? total : `at least ${total}`} connections, ${verdict}`;
  track.setAttribute("role", "img");
  track.setAttribute("aria-label", label);
  return element("div", { class: `bar${over ? " over" : ""}` }, element("span", { class: "name" }, phase), track,
    element("span", { class: "total" }, `${shown} ${over ? "✗" : sure && result.gate !== null ? "✓" : "?"}`));
}

function slider(id, label, value, maximum, update) {
  const input = element("input", { type: "range", id, min: "0", max: String(maximum), value: String(value) });
  const output = element("output", { for: id }, String(value));
  input.addEventListener("input", () => { output.textContent = input.value; update(Number(input.value)); });
  return element("label", { for: id }, element("span", {}, label), input, output);
}

function show(record, index) {
  const change = {};
  const bars = element("div", { class: "bars" });
  const legend = element("ul", { class: "legend" });
  const live = element("p", { class: "verdict", "aria-live": "polite" });
  const redraw = () => {
    const result = arithmetic.budget(record, change);
    bars.replaceChildren(...["peak", "rollout", "restart"].map((phase) => bar(phase, result)));
    legend.replaceChildren(...result.demands.map((demand, number) => {
      const dot = element("span", { class: "dot" });
      dot.style.background = COLOURS[number % COLOURS.length];
      return element("li", {}, dot, `${demand.name}: ${demand.connections.peak ?? "unknown"}`);
    }));
    const over = result.over;
    live.textContent = result.gate === null ? "The capacity is unknown: declare it."
      : over.length ? `Exceeded: ${over.join(", ")}.`
      : !result.demands.length && !record.undeclared.length ? "No client was found."
      : Object.values(result.known).every(Boolean) ? "Everything fits." : "Unknown until what is missing is declared.";
  };
  const models = record.demands.map((demand) => demand.model).filter(Boolean);
  const controls = element("div", { class: "controls" });
  const most = (key) => Math.max(1, ...models.map((model) => model[key] ?? 0));
  if (models.length) {
    for (const [key, label] of [["replicas", "replicas"], ["workers", "workers"], ["pool", "pool"]]) {
      const now = most(key === "replicas" ? "pods" : key);
      controls.append(slider(`${key}-${index}`, label, now, Math.max(20, now * 3), (value) => { change[key] = value; redraw(); }));
    }
  }
  if (record.max_connections !== null) {
    controls.append(slider(`max-${index}`, "max_connections", record.max_connections, Math.max(500, record.max_connections * 3),
      (value) => { change.max_connections = value; redraw(); }));
  }
  if (!models.length) {
    document.getElementById(`chart-${index}`).append(bars, live, legend, controls);
    redraw();
    return;
  }
  const check = element("input", { type: "checkbox", id: `pooler-${index}` });
  check.addEventListener("change", () => { change.pooler = check.checked; redraw(); });
  controls.append(element("label", { for: `pooler-${index}` }, element("span", {}, "one PgBouncer (20 + 5) in front"), check));
  document.getElementById(`chart-${index}`).append(bars, live, legend, controls);
  redraw();
}

if (typeof document !== "undefined") {
  const data = JSON.parse(document.getElementById("budgets").textContent);
  data.budgets.forEach(show);
  window.pgconnlint = { arithmetic, data };
}
if (typeof module !== "undefined") module.exports = { arithmetic };
