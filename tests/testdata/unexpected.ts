// Loaded before main.ts: fails, once the service runs, in the ways that end a
// process that does not handle them.
addEventListener("unexpected", () => {
  throw new Error("thrown in a listener");
});
addEventListener("load", () => {
  setTimeout(() => {
    Promise.reject(new Error("rejected\n2026-01-01T00:00:00.000Z open id=666"));
    dispatchEvent(new Event("unexpected"));
  });
});
