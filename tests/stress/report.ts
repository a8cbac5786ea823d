/** What a part of the run has done and found. */
export interface PartReport {
  part: string;
  connections: number;
  /** Messages that came and went, checked one by one. */
  messages: number;
  /** Requests, frames and connections that were broken on purpose. */
  faults: number;
  /** Replies that should have come and did not. */
  lost: number;
  /** Descriptors that the platform did not give back. */
  leaked: number;
  seconds: number;
  /** More figures, one per line. */
  notes: string[];
}

/** A report with nothing in it yet. */
export function newReport(part: string): PartReport {
  return {
    part,
    connections: 0,
    messages: 0,
    faults: 0,
    lost: 0,
    leaked: 0,
    seconds: 0,
    notes: [],
  };
}

const COLUMNS = [
  "connections",
  "messages",
  "faults",
  "lost",
  "leaked",
  "seconds",
] as const;

/** The reports as a table, with a sum, and the notes below. */
export function formatReports(reports: readonly PartReport[]): string {
  const sum = newReport("all");
  for (const report of reports) {
    for (const column of COLUMNS) sum[column] += report[column];
  }
  const rows = [
    ["part", ...COLUMNS],
    ...[...reports, sum].map((report) => [
      report.part,
      ...COLUMNS.map((column) =>
        Math.round(report[column]).toLocaleString("en")
      ),
    ]),
  ];
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length))
  );
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column === 0
        ? cell.padEnd(widths[column]!)
        : cell.padStart(widths[column]!)
    ).join("  ")
  );
  const notes = reports.flatMap(({ part, notes }) =>
    notes.map((note) => `${part}: ${note}`)
  );
  return [...lines, "", ...notes].join("\n");
}

/** Shows how far a part has come, on a terminal only. */
export class Progress {
  readonly #part: string;
  #shownAt = 0;

  constructor(part: string) {
    this.#part = part;
  }

  /** Shows a state, at most ten times a second. */
  show(state: string) {
    const now = performance.now();
    if (!Deno.stderr.isTerminal() || now - this.#shownAt < 100) return;
    this.#shownAt = now;
    this.#write(`${this.#part}: ${state}`);
  }

  /** Clears the line. */
  [Symbol.dispose]() {
    if (Deno.stderr.isTerminal()) this.#write("");
  }

  #write(text: string) {
    // Back to the line's begin, the text, and nothing after it.
    Deno.stderr.writeSync(new TextEncoder().encode(`\r${text}\x1b[K`));
  }
}
