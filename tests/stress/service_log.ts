/** Messages and their bytes, each way, as seen by the service. */
export interface Totals {
  received: number;
  receivedBytes: number;
  sent: number;
  sentBytes: number;
}

/** No messages. */
export function noTotals(): Totals {
  return { received: 0, receivedBytes: 0, sent: 0, sentBytes: 0 };
}

/** Adds one side's totals to another's. */
export function addTotals(to: Totals, more: Totals) {
  to.received += more.received;
  to.receivedBytes += more.receivedBytes;
  to.sent += more.sent;
  to.sentBytes += more.sentBytes;
}

/** A line of the service's log under `--log json`, as far as it is used. */
interface LogLine extends Partial<Totals> {
  event: string;
  page?: string;
  code?: number;
}

/** Adds up what the service logs. */
export class ServiceLog {
  /** Connections that have opened, closed, and been refused. */
  opened = 0;
  closed = 0;
  refused = 0;
  readonly totals: Totals = noTotals();
  /** How many connections were closed with each code. */
  readonly codes = new Map<number, number>();
  /** Lines that a healthy service does not write. */
  readonly complaints: string[] = [];
  /** The port that the service listens on. */
  readonly listening: Promise<number>;
  /** Resolves when the log has ended. */
  readonly ended: Promise<void>;
  #foundPort!: (port: number) => void;

  constructor(stdout: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.listening = new Promise((resolve) => this.#foundPort = resolve);
    this.ended = this.#readAll(stdout);
  }

  /** Connections that are open now. */
  get open(): number {
    return this.opened - this.closed;
  }

  async #readAll(stdout: ReadableStream<Uint8Array<ArrayBuffer>>) {
    let rest = "";
    const text = stdout.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#read(line);
    }
    if (rest !== "") this.complaints.push(rest);
  }

  #read(line: string) {
    let entry: LogLine;
    try {
      entry = JSON.parse(line);
    } catch {
      this.complaints.push(line);
      return;
    }
    switch (entry.event) {
      case "listening":
        return this.#foundPort(Number(new URL(entry.page ?? "").port));
      case "open":
        this.opened++;
        return;
      case "close":
        this.closed++;
        this.#count(entry.code ?? NaN);
        return addTotals(this.totals, { ...noTotals(), ...pickTotals(entry) });
      case "refused":
        this.refused++;
        return;
      default:
        this.complaints.push(line);
    }
  }

  #count(code: number) {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }
}

function pickTotals(
  { received, receivedBytes, sent, sentBytes }: Partial<Totals>,
): Totals {
  return {
    received: received ?? NaN,
    receivedBytes: receivedBytes ?? NaN,
    sent: sent ?? NaN,
    sentBytes: sentBytes ?? NaN,
  };
}
