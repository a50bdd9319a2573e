/* Every page of the panel: menus, drawer, look of the page, messages, keys. Other modules send
   "house:toast" events instead of importing this one, so that each file is fetched once. */

const root = document.documentElement;
const token = document.querySelector('meta[name="csrf-token"]').content;
const $ = (selector, from = document) => from.querySelector(selector);

/* Menus are <details>; here they also close. */

const menus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target) && event.target !== document.body) menu.open = false;
});

/* The drawer of small screens. Without a script it is a :target link. */

const side = $("#side");
const opener = $("[data-drawer]");

function drawer(open) {
  if (open) root.dataset.drawer = "open";
  else delete root.dataset.drawer;
  opener.setAttribute("aria-expanded", String(open));
  for (const [name, value] of [["role", "dialog"], ["aria-modal", "true"], ["aria-label", side.firstElementChild.getAttribute("aria-label")]]) {
    if (open) side.setAttribute(name, value);
    else side.removeAttribute(name);
  }
  (open ? $("[data-drawer-close]") : opener).focus();
}
if (opener) {
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-controls", "side");
  opener.setAttribute("aria-expanded", "false");
  opener.addEventListener("click", (event) => { event.preventDefault(); drawer(true); });
  opener.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); drawer(true); } });
  $("[data-drawer-close]").addEventListener("click", (event) => { event.preventDefault(); drawer(false); });
  document.addEventListener("click", (event) => {
    if (root.dataset.drawer && !side.contains(event.target) && !opener.contains(event.target)) drawer(false);
  });
  matchMedia("(min-width: 761px)").addEventListener("change", () => { if (root.dataset.drawer) drawer(false); });
  side.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || !root.dataset.drawer) return;
    const stops = side.querySelectorAll("a[href]");
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
  });
}

/* Messages. */

const toasts = $("#toasts");

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${toasts.dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
}

function toast({ text, kind = "success", url, label, stay = 4000 }) {
  for (const old of toasts.children) if (old.dataset.text === text) old.remove();
  const box = document.createElement("div");
  const words = document.createElement("div");
  const shut = document.createElement("button");
  box.className = "flash";
  Object.assign(box.dataset, { kind, text });
  words.textContent = text;
  if (url) {
    const link = document.createElement("a");
    link.href = url;
    link.target = "_blank";
    link.textContent = label;
    words.append(" ", link);
  }
  shut.type = "button";
  shut.className = "shut";
  shut.setAttribute("aria-label", toasts.dataset.close);
  shut.append(icon("x"));
  shut.addEventListener("click", () => box.remove());
  box.append(icon(kind === "success" ? "circle-check" : "alert-triangle"), words, shut);
  toasts.append(box);
  if (kind === "success" && stay) setTimeout(() => box.remove(), stay);
}
document.addEventListener("house:toast", (event) => toast(event.detail));

for (const shut of document.querySelectorAll("[data-shut]")) {
  shut.hidden = false;
  shut.addEventListener("click", () => shut.closest(".flash").remove());
}

/* Theme and density: shown at once, kept by the server. */

for (const part of document.querySelectorAll("[data-script-only]")) part.hidden = false;

async function prefer(name, value, button) {
  const words = $("[data-account]").dataset;
  const before = root.dataset[name];
  const show = (wanted) => { if (wanted) root.dataset[name] = wanted; else delete root.dataset[name]; };
  show(value);
  for (const one of document.querySelectorAll(`[data-${name}-to]`)) one.setAttribute("aria-pressed", String(one === button));
  try {
    const answer = await fetch("/account/preferences", {
      method: "POST",
      headers: { "X-CSRFToken": token, Accept: "application/json" },
      body: new URLSearchParams({ [name]: value }),
    });
    if (!answer.ok) throw new Error(answer.status);
  } catch {
    show(before);
    toast({ text: words.failed, kind: "error" });
  }
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-to], [data-density-to]");
  if (!button) return;
  if ("themeTo" in button.dataset) prefer("theme", button.dataset.themeTo, button);
  else prefer("density", button.dataset.densityTo, button);
});

/* Dialogs. */

const help = $("#help");

function showHelp() {
  const body = $("template", help);
  if (body) body.replaceWith(body.content);
  help.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-help]")) showHelp();
  if (event.target.closest?.("[data-close-dialog]")) event.target.closest("dialog").close();
  if (event.target.tagName === "DIALOG") event.target.close();
});

/* The tab that is open, where there are more than fit. */

$(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

/* A thin bar once a page has been asked for and nothing came within 300 ms. */

let slow = 0;

function waiting() {
  clearTimeout(slow);
  slow = setTimeout(() => {
    const bar = document.createElement("div");
    bar.className = "loading";
    document.body.append(bar);
    setTimeout(() => bar.remove(), 8000);
  }, 300);
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target) return;
  if (link.origin === location.origin && !link.hash && !link.pathname.includes("/export/")) waiting();
});
addEventListener("pageshow", () => { clearTimeout(slow); $(".loading")?.remove(); });
addEventListener("pagehide", () => clearTimeout(slow));

/* Keys. Single letters are for reading only: never in a field, a dialog or while composing. */

const places = { c: "/admin/customer/", o: "/admin/order/", h: "/admin/" };
let leader = 0;

function typing(event) {
  return event.isComposing || event.ctrlKey || event.metaKey || event.altKey
    || event.target.closest?.("input, select, textarea, [contenteditable], dialog") || $("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = [...menus()].pop();
    if (open) {
      open.open = false;
      $("summary", open).focus();
    } else if (root.dataset.drawer) drawer(false);
    return;
  }
  if (typing(event) || root.dataset.keys === "off") return;
  if (leader && Date.now() - leader < 1200 && places[event.key]) {
    event.preventDefault();
    location.assign(places[event.key]);
    return;
  }
  leader = event.key === "g" ? Date.now() : 0;
  if (event.key === "?") showHelp();
  else if (event.key === "/" && $("#list-search")) $("#list-search").select();
  else if (event.key === "n" && $("[data-new]")) location.assign($("[data-new]").href);
  else if (event.key === "e" && $("[data-edit-page]")) location.assign($("[data-edit-page]").href);
  else return;
  event.preventDefault();
});
