/* Password fields: eye, caps lock, rules while typing, one submit. Nothing here decides anything: the server does. */

for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = button.parentElement.querySelector("input");
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    input.focus();
  });
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}

const caps = document.querySelector("[data-caps]");

if (caps) {
  for (const kind of ["keydown", "keyup"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest?.('input[type="password"], .affix > input') || !event.getModifierState) return;
      caps.textContent = event.getModifierState("CapsLock") ? caps.dataset.caps : "";
    });
  }
}

/* The rules that can be told from the characters alone; the others stay neutral until the server answers. */

const letter = /\p{L}/u;
const digit = /\p{Nd}/u;
const checks = {
  length: (word) => [...word].length >= 8,
  letter: (word) => letter.test(word),
  digit: (word) => digit.test(word),
  special: (word) => [...word].some((one) => !letter.test(one) && !digit.test(one) && one.trim()),
  username: (word, name) => !name || !word.toLowerCase().includes(name.toLowerCase()),
};

for (const list of document.querySelectorAll("[data-rules-for]")) {
  const input = document.getElementById(list.dataset.rulesFor);
  const show = () => {
    const word = input.value.normalize("NFKC");
    for (const rule of list.children) {
      const check = checks[rule.dataset.rule];
      const known = check && word;
      const met = known && check(word, list.dataset.username);
      rule.dataset.met = known ? (met ? "yes" : "no") : "";
      rule.querySelector(".hide").textContent = known ? ` ${met ? list.dataset.yes : list.dataset.not}` : "";
    }
  };
  input.addEventListener("input", show);
  show();
}

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    setTimeout(() => { for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true; });
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
});
