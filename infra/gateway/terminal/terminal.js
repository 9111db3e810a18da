import * as queue from "/queue.js";
import { language, pick, toggle, translate, word } from "/words.js";

const $ = (name) => document.getElementById(name);
const GRAVITY = ["critical", "major", "minor", "notice"];
const cases = new Map();
const faults = new Map();
let session = null, stream = null, page = "cases", online = navigator.onLine, shown = new Set();

// -- log-in ------------------------------------------------------------------------------------------------------
async function start() {
  translate(document);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js", { type: "module" }).catch(() => {});
  const kept = localStorage.getItem("session");
  session = kept ? JSON.parse(kept) : null;
  const reply = await fetch("/me").catch(() => null);
  if (reply && reply.ok) remember(await reply.json());
  else if (reply && reply.status === 401) forget();
  session ? enter() : draw();
  ways();
}
// How one may log in here; without a line only the local way is shown, and says so.
async function ways() {
  const reply = await fetch("/login/ways").catch(() => null);
  const found = reply && reply.ok ? await reply.json() : { local: true, oidc: false };
  $("oidc").hidden = !found.oidc;
  $("local").hidden = !found.local;
  const fault = new URLSearchParams(location.search).get("fault");
  if (!["oidc_refused", "oidc_away", "oidc_unknown"].includes(fault)) return;
  history.replaceState(null, "", "/");
  $("login-fault").textContent = word(fault);
}
function remember(found) { session = found; localStorage.setItem("session", JSON.stringify(found)); }
function forget() { session = null; localStorage.removeItem("session"); localStorage.removeItem("cases"); cases.clear(); if (stream) stream.close(); }

$("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const reply = await fetch("/login", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: form.get("user"), password: form.get("password") }),
  }).catch(() => null);
  if (!reply || !reply.ok) {
    $("login-fault").textContent = word(!reply ? "offline" : reply.status === 429 ? "wait" : "wrong");
    return;
  }
  $("login-fault").textContent = "";
  event.target.reset();
  remember(await reply.json());
  enter();
});
$("out").addEventListener("click", async () => {
  await fetch("/logout", { method: "POST", headers: { "X-CSRF-Token": session.csrf } }).catch(() => null);
  forget();
  draw();
});

// -- live --------------------------------------------------------------------------------------------------------
async function enter() {
  for (const view of JSON.parse(localStorage.getItem("cases") || "[]")) cases.set(view.case, view);
  draw();
  await listen();
  flush();
  visits();
}
async function listen() {
  if (!session) return;
  const reply = await fetch("/cases").catch(() => null);
  if (!reply) { setOnline(false); return; }
  if (reply.status === 401) { forget(); draw(); return; }
  setOnline(true);
  const state = await reply.json();
  cases.clear();
  for (const view of state.cases) cases.set(view.case, view);
  keep();
  draw();
  if (stream) stream.close();
  stream = new EventSource(`/stream?after=${state.seq}`);  // after a lost line the browser asks from the last id on
  stream.addEventListener("push", (event) => hear(JSON.parse(event.data)));
  stream.onopen = () => { setOnline(true); flush(); };
  stream.onerror = () => { setOnline(false); if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 3000); };
}
function hear(push) {
  if (shown.has(push.id)) return;
  shown.add(push.id);
  if (push.kind === "notice") { visits(); return; }  // a visit comes up, or has changed: the list says which
  let ring = false;
  for (const view of push.body.cases) {
    const known = cases.get(view.case);
    if (known && known.events > view.events) continue;
    cases.set(view.case, view);
    ring = ring || (push.loud && view.status !== "closed");
  }
  if (ring && navigator.vibrate) navigator.vibrate([300, 100, 300]);
  keep();
  draw();
}
function keep() { localStorage.setItem("cases", JSON.stringify([...cases.values()].filter((one) => one.status !== "closed"))); }
function setOnline(now) { if (online !== now) { online = now; status(); } }
addEventListener("online", () => { listen().then(flush); });
addEventListener("offline", () => setOnline(false));
setInterval(() => { if (session) { online ? flush() : listen().then(flush); } }, 5000);

// -- entries -----------------------------------------------------------------------------------------------------
async function press(entry, photo) {
  await queue.add(session.user, { key: crypto.randomUUID(), at: Date.now(), ...entry }, photo);
  await status();
  flush();
}
async function flush() {
  if (!session) return;
  const taken = await queue.send(session, (entry, refused) => {
    if (entry.case) { refused ? faults.set(entry.case, refused === "closed" ? "already_closed" : refused) : faults.delete(entry.case); draw(); }
    if (entry.kind === "visit") visits().then(() => { if (refused) $("visiting").prepend(line(word(refused), "over")); });
    if (entry.kind === "check_in" || entry.kind === "panic" || entry.kind === "emergency") log(entry, refused ? word(refused) : word("sent"));
  });
  if (taken) setOnline(true);
  status();
}
async function status() {
  const count = session ? (await queue.waiting(session.user)).length : 0;
  const text = [online ? "" : word("offline"), count ? `${count} ${word("queued")}` : ""].filter(Boolean).join(" · ");
  $("line").textContent = text;
  $("line").hidden = !text || !session;
  document.body.dataset.waiting = count;
  document.body.dataset.online = online;
}
function log(entry, state) {
  const row = document.createElement("li");
  const time = new Date(entry.at).toLocaleTimeString(language, { hour12: false });
  for (const text of [`${time}  ${word(entry.order || entry.kind)} ${entry.zone || ""}`, state]) row.append(Object.assign(document.createElement("span"), { textContent: text }));
  $("sent").prepend(row);
}
$("check-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const zone = event.target.elements.zone.value.trim();
  press({ kind: "check_in", zone, action: event.submitter.value });
  event.target.reset();
});
$("emergency").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { order, minutes } = event.target.elements, action = event.submitter.value;
  if (action === "open" && await ask(`ask_${order.value}`, [["order_open", "strong"]]) !== "order_open") return;
  press({ kind: "emergency", order: order.value, action, minutes: Number(minutes.value) });
});
$("panic").addEventListener("click", async () => {
  if (await ask("ask_panic", [["panic", "strong"]]) === "panic") press({ kind: "panic" });
});

// -- dialogs -----------------------------------------------------------------------------------------------------
function ask(title, choices, fields) {
  const form = $("ask").firstElementChild;
  form.replaceChildren(Object.assign(document.createElement("h1"), { textContent: word(title) }));
  if (fields) form.append(...fields);
  for (const [value, style] of [...choices, ["cancel", ""]]) {
    form.append(Object.assign(document.createElement("button"), { value, className: style, textContent: word(value), formNoValidate: true }));
  }
  $("ask").returnValue = "";
  $("ask").showModal();
  return new Promise((resolve) => { $("ask").onclose = () => resolve($("ask").returnValue); });
}
function field(name, made) {
  const label = document.createElement("label");
  label.append(Object.assign(document.createElement("span"), { textContent: word(name) }), made);
  return label;
}
async function note(id) {
  const text = Object.assign(document.createElement("textarea"), { rows: 4, maxLength: 2000, name: "text" });
  const photo = Object.assign(document.createElement("input"), { type: "file", accept: "image/jpeg,image/png,image/webp", name: "photo" });
  const recording = Object.assign(document.createElement("input"), { maxLength: 64, name: "recording" });
  const fields = [field("text", text), field("photo", photo), field("recording", recording)];
  if (await ask("note", [["send", "strong"]], fields) !== "send") return;
  const entry = { kind: "note", case: id, text: text.value, recording: recording.value.trim().replace(/[^A-Za-z0-9_.:/#-]/g, "") };
  const file = photo.files[0];
  if (!file) { press(entry); return; }
  const data = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  press({ ...entry, photo: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") }, new Blob([data]));
}

// -- drawing -----------------------------------------------------------------------------------------------------
function draw() {
  const inside = Boolean(session);
  $("login").hidden = inside;
  document.querySelector("nav").hidden = $("out").hidden = !inside;
  $("cases").hidden = !inside || page !== "cases";
  $("round").hidden = !inside || page !== "round";
  $("duty").hidden = !inside || page !== "duty";
  $("orders").hidden = !inside || page !== "orders";
  $("visits").hidden = !inside || page !== "visits";
  $("language").textContent = language === "zh" ? "EN" : "中文";
  $("post").textContent = inside ? place(session.post) : word("log_in");
  $("scope").textContent = inside ? `${session.post.split("@")[1]} · ${session.user}` : "";
  status();
  if (!inside) return;
  for (const button of document.querySelectorAll("[data-right]")) button.hidden = !session.rights.includes(button.dataset.right);
  for (const button of document.querySelectorAll("nav [data-page]")) button.setAttribute("aria-current", button.dataset.page === page ? "page" : "false");
  const open = [...cases.values()].sort((a, b) =>
    (a.status === "closed") - (b.status === "closed") || GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity) || b.opened_at - a.opened_at);
  const count = open.filter((one) => one.status === "open").length;
  $("count").textContent = count || "";
  document.title = `${count ? `(${count}) ` : ""}${word("alerts")} · ${place(session.post)}`;
  const lines = new Map([...$("cases").querySelectorAll("article")].map((one) => [one.dataset.case, one.querySelector(".line")]));
  $("cases").replaceChildren(...open.map((view) => card(view, lines.get(view.case))));
  if (!open.length) $("cases").append(Object.assign(document.createElement("p"), { className: "empty", textContent: word("nothing") }));
}
async function look() { if (page === "duty") await duty(); if (page === "orders") await orders(); if (page === "visits") await visits(); }
async function ask_for(path, list) {
  const reply = await fetch(path).catch(() => null);
  if (reply && reply.ok) return reply.json();
  list.replaceChildren(line(word(reply ? "failed" : "no_line"), ""));
  return null;
}
function line(text, style) { return Object.assign(document.createElement("li"), { textContent: text, className: style }); }
async function orders() {
  const found = await ask_for("/orders", $("overdue"));
  if (!found) return;
  $("overdue").replaceChildren(...found.overdue.map((one) => line(
    `${one.facility} · ${word(`category_${one.category}`)}${one.listed ? ` · ${word("listed")}` : ""} · ${word("overdue_days")} ${one.days} ${word("d")} · ${one.rectification}`,
    one.listed ? "over" : "near")));
  if (!found.overdue.length) $("overdue").append(line(word("none_overdue"), ""));
}
async function visits() {
  if (!session || !session.rights.includes("visits")) return;
  const found = await ask_for("/visits", $("visiting"));
  if (!found) return;
  const called = (one) => one.called && one.status === "confirmed";
  $("coming").textContent = found.visits.filter(called).length || "";
  $("visiting").replaceChildren(...found.visits.map((one) => {
    const where = one.room ? `${one.local} ${one.room}` : word("no_room");
    const why = one.reason ? ` · ${one.reason[language]}：${one.reason[`do_${language}`]}` : "";
    const item = line(`${where} · ${word(`kind_${one.kind}`)} · ${one.subject} · ${word(`visit_${one.status}`)}${called(one) ? ` · ${word("bring_now")}` : ""}${why}`, one.escalated ? "over" : called(one) ? "near" : "");
    item.dataset.appointment = one.appointment;
    const choices = { confirmed: ["open", "no_show"], open: ["close"] }[one.status] || [];
    if (session.rights.includes("visit")) item.append(...choices.map((action) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: word(`gate_${action}`) });
      button.dataset.action = action;
      button.addEventListener("click", () => { button.disabled = true; press({ kind: "visit", appointment: one.appointment, action }); });
      return button;
    }));
    return item;
  }));
  if (!found.visits.length) $("visiting").append(line(word("no_visits"), ""));
}
// A request gets its room at once or not at all, so it is not kept for later as other entries are.
$("visit-request").addEventListener("input", (event) => { delete event.currentTarget.dataset.key; });
$("visit-request").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, { visit, subject, visitor, visitors: number, begin, end, screen } = form.elements;
  const tell = (text, style) => Object.assign($("request-told"), { textContent: text, className: style });
  if (Boolean(begin.value) !== Boolean(end.value)) { tell(word("both_times"), "over"); return; }
  const entry = {
    key: form.dataset.key = form.dataset.key || crypto.randomUUID(), at: Date.now(), kind: "visit_request", visit: visit.value,
    subject: subject.value.trim(), visitor: visitor.value.trim(), visitors: Number(number.value),
    wishes: begin.value ? [[new Date(begin.value).getTime(), new Date(end.value).getTime()]] : [], screen: screen.value === "yes",
  };
  const reply = await fetch("/entries", {
    method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrf }, body: JSON.stringify(entry),
  }).catch(() => null);
  if (!reply) { tell(word("request_offline"), "over"); return; }
  delete form.dataset.key;
  if (!reply.ok) { tell(word(reply.status === 403 ? "forbidden" : reply.status === 429 ? "wait" : "request_failed"), "over"); return; }
  const { reason, visit: made } = await reply.json();
  const why = (one) => one ? `：${one[language]}；${one[`do_${language}`]}` : "";
  if (!made) tell(word("visit_refused") + why(reason), "over");
  else if (made.status === "confirmed") { tell(`${word("visit_booked")}：${made.local} ${made.room}${why(made.reason)}`, ""); form.reset(); }
  else { tell(word(made.escalated ? "visit_escalated" : "visit_refused") + why(made.reason), "over"); }
  visits();
});
async function duty() {
  $("figures").replaceChildren();
  const found = await ask_for("/me/duty", $("warnings"));
  if (!found) return;
  const { figures, limits } = found;
  const rows = [["hours_7d", figures.hours_7d, "h"], ["on_duty", figures.on_duty_h, "h", limits.duty_h], ["next_rest", figures.next_rest_h, "h", limits.rest_h],
    ["closed_duty", figures.closed_days, "d", limits.closed_days], ["sleepiness_now", figures.sleepiness_now, "", limits.kss], ["sleepiness_next", figures.sleepiness_next, "", limits.kss]];
  $("figures").replaceChildren(...rows.flatMap(([name, value, unit, limit]) => {
    const text = value === null ? "—" : `${value.toFixed(1)}${unit && ` ${word(unit)}`}${limit ? ` (${word("limit")} ${limit})` : ""}`;
    return [Object.assign(document.createElement("dt"), { textContent: word(name) }), Object.assign(document.createElement("dd"), { textContent: text })];
  }));
  $("warnings").replaceChildren(...figures.warnings.map((one) =>
    line(`${new Date(one.at).toLocaleString(language, { hour12: false })}  ${one[language]}`, one.state)));
}
function place(address) {
  const [post] = address.split("@");
  const [kind, unit] = post.split(".");
  return pick((session.titles || {})[kind]) + (unit ? ` ${unit}` : "");
}
function ago(at) {
  const minutes = Math.max(0, Math.floor((Date.now() - at) / 60000));
  if (minutes < 1) return word("just_now");
  if (minutes < 60) return `${minutes} ${word("minutes_ago")}`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} ${word("hours_ago")}` : `${Math.floor(minutes / 1440)} ${word("days_ago")}`;
}
function card(view, line) {
  const made = $("case").content.cloneNode(true).firstElementChild;
  const put = (name, text) => { made.querySelector(`.${name}`).textContent = text; };
  Object.assign(made.dataset, { case: view.case, severity: view.severity, status: view.status });
  translate(made);
  put("severity", word(view.severity));
  put("title", (view.verdict === "unobservable" ? `${word("unobservable")}：` : "") + pick(view.title));
  put("zone", view.zone || view.facility);
  put("since", ago(view.opened_at) + (view.alerts > 1 ? ` · ${view.alerts} ${word("alerts_in_case")}` : ""));
  put("state", word(view.status) + (view.holds || view.status === "closed" ? "" : ` · ${word("over")}`));
  put("advice", pick(view.advice));
  const people = [view.subjects.length ? `${word("subjects")} ${view.subjects.join(", ")}` : "", view.cameras.length ? `${word("camera")} ${view.cameras.join(", ")}` : ""];
  put("people", people.filter(Boolean).join(" · "));
  put("fault", faults.has(view.case) ? word(faults.get(view.case)) : "");
  for (const button of made.querySelectorAll("[data-action]")) {
    const action = button.dataset.action;
    button.disabled = view.status === "closed" || (action === "acknowledge" && view.status !== "open") || (action === "on_scene" && view.status === "on_scene");
    button.addEventListener("click", async () => {
      let reason = null;
      if (action === "false_alarm") {
        const reasons = ["harmless_activity", "authorised_activity", "drill", "equipment_fault", "wrong_person_or_place"];
        reason = await ask("ask_reason", reasons.map((one) => [one, ""]));
        if (!reasons.includes(reason)) return;
      }
      button.disabled = true;
      press({ kind: "answer", case: view.case, action, reason });
    });
  }
  made.querySelector("[data-more=note]").addEventListener("click", () => note(view.case));
  made.querySelector("[data-more=line]").addEventListener("click", () => timeLine(made, view));
  if (line && !line.hidden) timeLine(made, view);
  return made;
}
async function timeLine(made, view) {
  const list = made.querySelector(".line");
  if (!list.hidden) { list.hidden = true; return; }
  list.hidden = false;
  const reply = await fetch(`/cases/${view.case}`).catch(() => null);
  if (!reply || !reply.ok) return;
  const { line } = await reply.json();
  list.replaceChildren(...line.map((one) => {
    const row = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date(one.at).toLocaleTimeString(language, { hour12: false });
    const code = one.detail.split(": ").map((part) => word(part === "closed" ? "already_closed" : part)).join(": ");
    const parts = [word(one.kind), one.post ? place(one.post) : "", one.officer, one.kind === "noted" ? one.text || "" : code];
    row.append(time, parts.filter(Boolean).join(" · "));
    if (one.file) {
      const link = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: word("see_photo") });
      link.addEventListener("click", async () => {
        const data = await (await fetch(`/cases/${view.case}/photos/${one.file}`)).blob();
        const picture = Object.assign(document.createElement("img"), { src: URL.createObjectURL(data), width: 280 });
        link.replaceWith(picture);
      });
      row.append(link);
    }
    return row;
  }));
}
for (const button of document.querySelectorAll("nav [data-page]")) button.addEventListener("click", () => { page = button.dataset.page; draw(); look(); });
$("language").addEventListener("click", () => { toggle(); translate(document); draw(); look(); });
setInterval(() => { if (session && page === "cases" && !document.querySelector(".line:not([hidden])")) draw(); }, 30000);
// A place's code is this page's address with #at=<zone>: the phone's own camera opens it here.
function arrive() {
  const zone = new URLSearchParams(location.hash.slice(1)).get("at");
  if (!zone) return;
  history.replaceState(null, "", "/");
  page = "round";
  $("check-in").elements.zone.value = zone;
  draw();
}
addEventListener("hashchange", arrive);
start().then(arrive);
