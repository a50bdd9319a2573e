/* Forms that are saved: leave guard, Ctrl S, one submit, nothing lost when the line or the session is gone,
   and possible duplicates while a name is typed. */

const form = document.getElementById("record-form") ?? document.querySelector("form[data-once]");
const toast = (detail) => document.dispatchEvent(new CustomEvent("house:toast", { detail }));

/* One submit. The button is switched off after the browser has read its value. */

function lock(on) {
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = on;
  form.setAttribute("aria-busy", String(on));
}

/* Ask first whether anybody is there: a dead line or an ended session must not cost the typing. */

async function alive() {
  try {
    const answer = await fetch("/admin/search/?q=&format=json", {
      headers: { Accept: "application/json", "X-Background": "1" },
      cache: "no-store",
    });
    return answer.status === 401 ? "login" : answer.status >= 502 ? "line" : "yes";
  } catch {
    return "line";
  }
}

let dirty = false;
let asked = false;

if (form) {
  const words = form.dataset;
  dirty = "dirty" in words;

  const changed = (event) => { if (event.target.form === form || form.contains(event.target)) dirty = true; };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  addEventListener("beforeunload", (event) => {
    if (!dirty || asked || !words.leave) return;
    event.preventDefault();
    event.returnValue = words.leave;
  });
  for (const link of document.querySelectorAll("[data-leave-ok]")) link.addEventListener("click", () => { dirty = false; });

  form.addEventListener("submit", async (event) => {
    if (asked) {
      setTimeout(() => lock(true));
      return;
    }
    if (!words.offline) {
      asked = true;
      setTimeout(() => lock(true));
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    lock(true);
    const state = await alive();
    lock(false);
    if (state === "line") return toast({ text: words.offline, kind: "error" });
    if (state === "login") return toast({ text: words.expired, kind: "error", url: "/login", label: words.login });
    asked = true;
    form.requestSubmit(button);
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    asked = false;
    lock(false);
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    if (event.key.toLowerCase() !== "s" && event.key !== "Enter") return;
    event.preventDefault();
    document.activeElement?.blur?.();
    if (!form.querySelector("button[disabled]")) form.requestSubmit(form.querySelector("button.primary"));
  });

  document.getElementById("problems")?.focus();
}

/* Possible duplicates. */

const place = document.getElementById("same-name");
const name = form?.elements.namedItem("name");

if (place && name && form.dataset.hint) {
  let timer = 0;
  let last = name.value.trim();

  async function hint() {
    const text = name.value.trim();
    if (text === last) return;
    last = text;
    if ([...text].length < 2) return place.replaceChildren();
    try {
      const url = new URL(form.dataset.hint, location.href);
      url.searchParams.set("name", text);
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : [];
      if (text !== last) return;
      show(found);
    } catch {
      place.replaceChildren();
    }
  }

  function show(found) {
    place.replaceChildren();
    if (!found.length) return;
    const note = document.createElement("div");
    const title = document.createElement("strong");
    const list = document.createElement("ul");
    note.className = "note warn";
    title.textContent = found.some((one) => one.exact) ? form.dataset.hintSame : form.dataset.hintTitle;
    for (const one of found) {
      const row = document.createElement("li");
      const part = document.createElement(one.url ? "a" : "span");
      if (one.url) Object.assign(part, { href: one.url, target: "_blank", rel: "noopener" });
      part.textContent = one.text;
      row.append(part);
      list.append(row);
    }
    const inner = document.createElement("div");
    inner.append(title, list);
    note.append(inner);
    place.append(note);
  }

  name.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(hint, 300);
  });
  name.addEventListener("compositionend", () => { timer = setTimeout(hint, 300); });
}
