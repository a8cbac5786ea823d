/**
 * Runs in the browser, before the page's own scripts. Of the page it knows only
 * ids. All times are in milliseconds.
 */

const MESSAGE = "0123456789abcdef";
const element = (id) => document.getElementById(id);
const frame = () => new Promise(requestAnimationFrame);
const received = () =>
  Number(element("received-messages").textContent.replace(/\D/g, ""));

function fill(id, value) {
  element(id).value = value;
  element(id).dispatchEvent(new Event("input", { bubbles: true }));
}

async function open(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`Cannot connect to ${url}`));
  });
  return socket;
}

globalThis.probe = {
  /** Sends copies by the page until all are back: its time, its longest task. */
  async burst(copies) {
    fill("message", MESSAGE);
    fill("copies", copies);
    const tasks = new PerformanceObserver(() => {});
    tasks.observe({ type: "longtask" });
    // Shorter ones are not told.
    let longestTask = 50;
    const began = performance.now();
    element("send").click();
    do {
      await frame();
      for (const { duration } of tasks.takeRecords()) {
        longestTask = Math.max(longestTask, duration);
      }
    } while (received() < copies && !element("verdict")?.textContent);
    return { burst: performance.now() - began, longestTask };
  },

  /** The same by a socket alone: its time. */
  async bareBurst(url, copies) {
    const socket = await open(url);
    const began = performance.now();
    await new Promise((resolve) => {
      let missing = copies;
      socket.onmessage = () => --missing === 0 && resolve();
      for (let i = 0; i < copies; i++) socket.send(MESSAGE);
    });
    socket.close();
    return performance.now() - began;
  },

  /** Waits until the page has received so many messages. */
  async whenReceived(count) {
    while (received() < count) await frame();
  },

  /** Round trips of a socket alone, one message at a time. */
  async bareTrips(url, count) {
    const socket = await open(url);
    const trips = [];
    while (trips.length < count) {
      const began = performance.now();
      await new Promise((resolve) => {
        socket.onmessage = () => resolve(trips.push(performance.now() - began));
        socket.send(MESSAGE);
      });
      await frame();
    }
    socket.close();
    return trips;
  },

  /** The 95th percentile of the times between frames. */
  async slowFrame(duration) {
    let last = await frame();
    const end = last + duration;
    const times = [];
    while (last < end) {
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
  },
};
