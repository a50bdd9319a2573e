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
const letterOrNumber = /[\p{L}\p{N}]/u;
const FRAGMENT = 3; // so many characters of the user name in a row are too many

const folded = (text) => [...text.normalize("NFKC").toLowerCase().replace(/[\s\p{C}]/gu, "")];

function holdsName(word, name) {
  const [low, signs] = [folded(word).join(""), folded(name)];
  if (signs.length <= FRAGMENT) return signs.length > 0 && low.includes(signs.join(""));
  return signs.slice(FRAGMENT - 1).some((_, at) => low.includes(signs.slice(at, at + FRAGMENT).join("")));
}

const checks = {
  length: (word, rule) => [...word].length >= Number(rule.dataset.count),
  letter: (word) => letter.test(word),
  digit: (word) => digit.test(word),
  special: (word) => [...word].some((one) => !letterOrNumber.test(one)),
  username: (word, rule) => !holdsName(word, rule.parentElement.dataset.username),
};

for (const list of document.querySelectorAll("[data-rules-for]")) {
  const input = document.getElementById(list.dataset.rulesFor);
  const show = () => {
    const word = input.value.normalize("NFKC");
    for (const rule of list.children) {
      const check = checks[rule.dataset.rule];
      const known = check && word;
      const met = known && check(word, rule);
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
