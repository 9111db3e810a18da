// What was pressed, in order, on the terminal until the gateway has it. Each entry has a key of its own: sent
// twice, it is done once. The queue belongs to one user; another one's entries wait for that one's log-in.
const DB = new Promise((resolve, reject) => {
  const asked = indexedDB.open("safehold", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("entries", { keyPath: "n", autoIncrement: true });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

function run(mode, work) {
  return DB.then((db) => new Promise((resolve, reject) => {
    const deal = db.transaction("entries", mode);
    const asked = work(deal.objectStore("entries"));
    deal.oncomplete = () => resolve(asked && asked.result);
    deal.onerror = deal.onabort = () => reject(deal.error);
  }));
}

export const add = (user, entry, photo) => run("readwrite", (store) => store.add({ user, entry, photo: photo || null }));
const remove = (n) => run("readwrite", (store) => store.delete(n));
export const waiting = async (user) => (await run("readonly", (store) => store.getAll())).filter((one) => one.user === user);

let sending = null;
// Sends one entry after the other; stops at the first that the gateway cannot take now. Gives how many it took.
export function send(session, told) {
  sending = sending || drain(session, told).finally(() => { sending = null; });
  return sending;
}

async function drain(session, told) {
  const headers = { "X-CSRF-Token": session.csrf };
  for (let taken = 0; ; taken++) {
    const [first] = await waiting(session.user);
    if (!first) return taken;
    let reply;
    try {
      if (first.photo) {
        const kept = await fetch(`/photos/${first.entry.photo}`, { method: "PUT", headers, body: first.photo });
        if (kept.status === 401 || kept.status === 429 || kept.status >= 500) return taken;
        if (!kept.ok) delete first.entry.photo;
      }
      reply = await fetch("/entries", {
        method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(first.entry),
      });
    } catch { return taken; }
    if (reply.status === 401 || reply.status === 429 || reply.status >= 500) return taken;
    const body = await reply.json().catch(() => ({}));
    await remove(first.n);
    told(first.entry, reply.ok ? body.refused || "" : reply.status === 403 ? "forbidden" : "failed");
  }
}
