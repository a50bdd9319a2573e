/* Exact money for the preview of a sheet: whole numbers of BigInt, half-up, as the server rounds. */

/* Read a decimal with at most *places* places as a scaled whole number; null for what is none. */
export function read(text, places) {
  const plain = text.normalize("NFKC").replace(/[,\s]/g, "");
  const match = /^(\d{1,15})(?:\.(\d*))?$/.exec(plain);
  if (!match || (match[2] ?? "").replace(/0+$/, "").length > places) return null;
  return BigInt(match[1] + (match[2] ?? "").slice(0, places).padEnd(places, "0"));
}

const half = (value, by) => (value + by / 2n) / by;

/* One line: quantity in pieces, price in 1/10000, rate in 1/100 percent; results in cents. */
export function gross(quantity, price, rate) {
  const net = half(quantity * price, 100n);
  const tax = half(net * rate, 10000n);
  return { net, tax, gross: net + tax };
}

/* 1234567 with two places → 12,345.67 */
export function text(value, places) {
  const digits = String(value).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  return places ? `${whole}.${digits.slice(-places)}` : whole;
}

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const UNITS = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "兆"];

/* Up to four digits, e.g. 1409 → 壹仟肆佰零玖 */
function group(value) {
  let words = "";
  let gap = false;
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(value / 10 ** place) % 10;
    if (!digit) gap = Boolean(words);
    else {
      words += (gap ? "零" : "") + DIGITS[digit] + UNITS[place];
      gap = false;
    }
  }
  return words;
}

/* Cents in Chinese capitals: 整 after 元, none after 角 or 分. */
export function inWords(cents) {
  const yuan = cents / 100n;
  const jiao = Number((cents / 10n) % 10n);
  const fen = Number(cents % 10n);
  let words = "";
  let gap = false;
  for (let at = GROUPS.length - 1; at >= 0; at -= 1) {
    const value = Number((yuan / 10n ** BigInt(at * 4)) % 10000n);
    if (!value) gap = gap || Boolean(words);
    else {
      words += (words && (gap || value < 1000) ? "零" : "") + group(value) + GROUPS[at];
      gap = false;
    }
  }
  if (words) words += "元";
  if (!jiao && !fen) return words ? `${words}整` : "零元整";
  if (words && (yuan % 10n === 0n || !jiao)) words += "零";
  return words + (jiao ? `${DIGITS[jiao]}角` : "") + (fen ? `${DIGITS[fen]}分` : "");
}
