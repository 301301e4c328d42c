"""What the page of findings does when a prediction is chosen: its script, which needs no library."""

SCRIPT = r"""
"use strict";
const texts = JSON.parse(document.getElementById("evidence").textContent);
const ROUTES = {both: "Both routes", encoder: "Through the encoder", own: "Through the head's own features"};
const HINT = "Choose a prediction to see the words that it rests on.";
const AT_LEAST = [0.1, 1 / 3, 2 / 3];
const SHOWN = 3;
let chosen = null;
let route = "both";

const signed = (part) => (part < 0 ? "\u2212" : "+") + Math.abs(part).toFixed(1);
const partsOf = (one, by) => by === "both" ? one.encoder.map((part, i) => part + (one.own ? one.own[i] : 0)) : one[by];
const size = (parts) => parts.reduce((sum, part) => sum + Math.abs(part), 0);

function make(tag, parent, kind) {
  const element = parent.appendChild(document.createElement(tag));
  if (kind) element.className = kind;
  return element;
}

function makePressable(element, press) {
  element.setAttribute("aria-pressed", "false");
  element.addEventListener("click", press);
  if (element.tagName === "BUTTON") return;
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  });
}

function makePanel(text) {
  const panel = document.createElement("section");
  panel.className = "evidence";
  panel.setAttribute("aria-label", "What the chosen prediction rests on");
  text.summary = make("p", panel, "summary");
  text.summary.setAttribute("aria-live", "polite");
  text.line = make("p", panel, "words");
  text.line.dir = "auto";
  text.marks = text.words.map(([word, space]) => {
    const mark = make("span", text.line);
    mark.append(word);
    text.line.append(space);
    return mark;
  });
  text.routes = make("div", panel, "routes");
  text.routes.setAttribute("role", "group");
  text.routes.setAttribute("aria-label", "Which parts are shown");
  for (const by of Object.keys(ROUTES)) {
    const button = make("button", text.routes);
    button.type = "button";
    button.dataset.route = by;
    button.append(ROUTES[by]);
    makePressable(button, () => { route = by; show(); });
  }
  document.getElementById(text.article).querySelector("h2").after(panel);
  text.panel = panel;
}

function tell(one, words, parts, by) {
  const order = parts.map((part, i) => i).sort((i, j) => Math.abs(parts[j]) - Math.abs(parts[i]));
  const largest = Math.abs(parts[order[0]]);
  const marked = order.filter((i) => Math.abs(parts[i]) >= Math.max(AT_LEAST[0] * largest, 0.05));
  const name = (i) => `\u201c${words[i][0]}\u201d (${signed(parts[i])})`;
  const list = (places) => places.slice(0, SHOWN).map(name).join(", ");
  const [pro, contra] = [marked.filter((i) => parts[i] > 0), marked.filter((i) => parts[i] < 0)];
  const isSmall = one.probability > 0 && one.probability < 1e-4;
  let summary = `${one.name} (${isSmall ? one.probability.toExponential(0) : one.probability.toFixed(2)})`;
  summary += pro.length ? ` rests mostly on ${list(pro)}` : " rests on none of the words alone";
  if (by !== "both") summary += ", " + ROUTES[by].toLowerCase();
  if (contra.length) summary += `; against it: ${list(contra)}`;
  const [encoder, own] = [size(one.encoder), size(one.own || [])];
  if (one.own && encoder + own > 0) {
    const share = Math.round(100 * own / (encoder + own));
    summary += `. ${100 - share}% goes through the encoder, ${share}% through the head's own features`;
  }
  return summary + ".";
}

function mark(text, parts, largest) {
  text.marks.forEach((element, i) => {
    const part = parts ? parts[i] : 0;
    const level = largest ? AT_LEAST.filter((least) => Math.abs(part) >= least * largest).length : 0;
    element.className = level ? `word ${part > 0 ? "for" : "against"}-${level}` : "";
    element.querySelector(".part")?.remove();
    if (level) make("span", element, "part").append(" " + signed(part));
  });
}

function show() {
  for (const text of texts) {
    const one = text.predictions.find((prediction) => prediction.number === chosen);
    const by = one && one.own ? route : "both";
    const parts = one ? partsOf(one, by) : null;
    mark(text, parts, one ? Math.max(...partsOf(one, "both").map(Math.abs)) : 0);
    text.panel.classList.toggle("chosen-here", Boolean(one));
    text.line.hidden = !one;
    text.routes.hidden = !(one && one.own);
    text.summary.textContent = one ? tell(one, text.words, parts, by) : HINT;
    for (const button of text.routes.children) button.setAttribute("aria-pressed", String(button.dataset.route === by));
  }
  for (const element of document.querySelectorAll("[data-prediction]")) {
    element.setAttribute("aria-pressed", String(Number(element.dataset.prediction) === chosen));
  }
}

function choose(number) {
  chosen = number === chosen ? null : number;
  history.replaceState(null, "", chosen === null ? location.pathname + location.search : `#p${chosen}`);
  show();
}

function followAddress() {
  const found = location.hash.match(/^#p(\d+)$/);
  chosen = found ? Number(found[1]) : null;
  show();
  document.querySelector(".chosen-here")?.scrollIntoView({block: "nearest"});
}

texts.forEach(makePanel);
for (const element of document.querySelectorAll("[data-prediction]")) {
  makePressable(element, () => choose(Number(element.dataset.prediction)));
}
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && chosen !== null) choose(chosen); });
window.addEventListener("hashchange", followAddress);
followAddress();
"""
