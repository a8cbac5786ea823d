// Loaded before main.ts: has its workers run throwing_worker.ts.
globalThis.Worker = class extends Worker {
  constructor(_module: string | URL, options?: WorkerOptions) {
    super(new URL("throwing_worker.ts", import.meta.url), options);
  }
};
