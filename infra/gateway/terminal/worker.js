// The page itself works without a line: its files come from the cache, and are renewed when the gateway answers.
// Cases and answers never go through this cache.
const CACHE = "terminal-3";
const FILES = ["/", "/terminal.js", "/queue.js", "/words.js", "/style.css", "/icon.svg", "/manifest.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || !FILES.includes(path)) return;
  const fresh = fetch(event.request).then((reply) => {
    if (reply.ok) { const copy = reply.clone(); caches.open(CACHE).then((cache) => cache.put(path, copy)); }
    return reply;
  });
  event.respondWith(fresh.catch(() => caches.match(path)));
});
