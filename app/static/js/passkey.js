/* Passkeys: asks the browser for one, to sign in or to add it. The server decides what is true. */

const RENEWAL = 4 * 60 * 1000; // milliseconds; the server waits five minutes

const token = document.querySelector('meta[name="csrf-token"]').content;

/* Bytes travel as base64url. */

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (code) => String.fromCharCode(code)).join(""))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (list) => list.map((one) => ({ ...one, id: bytes(one.id) }));

/* What the server said no with: words to show as they are, or a page that has to come first. */
class Refused extends Error {}

async function send(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": token, "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (answer.ok) return said;
  throw Object.assign(new Refused(said.message ?? said.error), { confirm: said.error === "confirm" });
}

/* One place of a page where a passkey may be used. */

class Place {
  constructor(box) {
    this.box = box;
    this.words = box.dataset;
    this.kind = box.dataset.passkey;
    this.button = box.querySelector("[data-passkey-go]");
    this.said = box.querySelector("[data-passkey-said]");
    this.adds = this.kind === "enrol";
    this.more = 3;
  }

  show() {
    this.box.hidden = this.button.hidden = false;
    if (this.adds) this.box.addEventListener("submit", (event) => { event.preventDefault(); this.go(); });
    else this.button.addEventListener("click", () => this.go());
    if (this.button.autofocus) this.button.focus();
  }

  async go() {
    this.busy(true);
    try {
      await this.stop();
      const asked = await send(this.words.begin, this.mine());
      this.say(this.words.wait);
      await this.finish(this.adds ? await this.create(asked) : await this.request(asked));
    } catch (error) {
      this.fail(error);
      this.busy(false);
      this.offer();
    }
  }

  mine() {
    const trust = document.querySelector('[name="trust_device"]');
    return {
      ...(this.adds ? { name: this.box.elements.name.value } : { next: this.words.next }),
      ...(this.kind === "login" ? { alone: true } : {}),
      ...(trust?.checked ? { trust_device: true } : {}),
    };
  }

  async create(asked) {
    const made = await navigator.credentials.create({ publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: described(asked.excludeCredentials),
    } });
    return this.plain(made, ["clientDataJSON", "attestationObject"], { transports: made.response.getTransports?.() ?? [] });
  }

  async request(asked, options = {}) {
    const signed = await navigator.credentials.get({ ...options, publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      allowCredentials: described(asked.allowCredentials),
    } });
    const names = ["clientDataJSON", "authenticatorData", "signature"];
    return this.plain(signed, signed.response.userHandle ? [...names, "userHandle"] : names);
  }

  plain(credential, names, more = {}) {
    const response = Object.fromEntries(names.map((name) => [name, text(credential.response[name])]));
    return { id: credential.id, rawId: credential.id, type: credential.type, response: { ...response, ...more } };
  }

  async finish(credential) {
    const led = await send(this.words.finish, { ...this.mine(), credential });
    location.assign(led.redirect);
  }

  /* The passkeys of this device, among the user names that the browser offers anyway. */
  async offer() {
    if (this.kind !== "login" || location.hostname !== this.words.host) return;
    if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
    this.stopper = new AbortController();
    const { signal } = this.stopper;
    this.waiting = (async () => {
      let chosen;
      try {
        const asked = await send(this.words.begin, this.mine());
        this.renewal = setTimeout(() => this.renew(), RENEWAL);
        chosen = await this.request(asked, { mediation: "conditional", signal });
        clearTimeout(this.renewal);
        this.busy(true);
        await this.finish(chosen);
      } catch (error) {
        if (signal.aborted) return;
        this.busy(false);
        if (error instanceof Refused) this.fail(error);
        if (chosen && this.more-- > 0) this.offer(); // another one may be the right one
      }
    })();
  }

  /* Before what the server asked for is too old. */
  async renew() {
    await this.stop();
    this.offer();
  }

  async stop() {
    clearTimeout(this.renewal);
    this.stopper?.abort();
    await this.waiting;
  }

  busy(is) {
    this.button.disabled = is;
    if (is) this.say("");
  }

  say(words, isBad = false) {
    this.said.textContent = words;
    this.said.className = isBad ? "field-error" : "hint";
  }

  fail(error) {
    if (error.confirm) {
      location.assign(this.words.confirm);
      return;
    }
    this.say(this.why(error), true);
  }

  why(error) {
    if (error instanceof Refused) return error.message;
    if (error.name === "InvalidStateError") return this.words.known ?? this.words.unable;
    if (error.name === "SecurityError") return this.words.foreign;
    if (error.name === "NotSupportedError" || error.name === "ConstraintError") return this.words.unable;
    return error instanceof TypeError || error instanceof SyntaxError ? this.words.offline : this.words.cancelled;
  }
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  if (window.PublicKeyCredential && navigator.credentials) {
    const place = new Place(box);
    place.show();
    place.offer();
    addEventListener("pageshow", (event) => { if (event.persisted) { place.busy(false); place.renew(); } });
  } else {
    for (const words of document.querySelectorAll("[data-passkey-unable]")) words.hidden = false;
  }
}
