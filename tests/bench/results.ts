/** All figures of a run, their medians, and their ratios to the bare handler. */

import type { IdleFigures, LoadFigures } from "./measure.ts";
import { TARGET } from "./options.ts";

/** The figures that are compared, all of them plain numbers. */
export type Row = Record<string, number | null>;

/** One turn of one target. */
export interface Turn {
  round: number;
  /** A load's id. */
  load: string;
  target: string;
  figures: LoadFigures | IdleFigures;
}

/** A middle value and where it comes from. */
export interface Median {
  value: number;
  /** The median of the ratios within each round; `null` for want of a base. */
  ratio: number | null;
}

/** The middle of some numbers, or the mean of the middle two. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle];
  if (high === undefined || sorted.length % 2 === 1) return high;
  return (sorted[middle - 1]! + high) / 2;
}

function toRow(figures: LoadFigures | IdleFigures): Row {
  if ("bytesPerConnection" in figures) return figures.bytesPerConnection;
  const { engine: _, ...numbers } = figures;
  return { ...numbers };
}

/** The turns of a run, as they come in. */
export class Results {
  readonly turns: Turn[] = [];

  add(turn: Turn) {
    this.turns.push(turn);
  }

  /** What one figure was in each round, by round. */
  #byRound(load: string, target: string, figure: string): Map<number, number> {
    const values = new Map<number, number>();
    for (const turn of this.turns) {
      if (turn.load !== load || turn.target !== target) continue;
      const value = toRow(turn.figures)[figure];
      if (value !== null && value !== undefined) values.set(turn.round, value);
    }
    return values;
  }

  /**
   * The median of a figure, or nothing where it was not measured. Ratios are
   * taken within a round, as only what ran close together had the same machine.
   */
  median(
    load: string,
    target: string,
    figure: string,
    base: string = TARGET.bare,
  ): Median | undefined {
    const values = this.#byRound(load, target, figure);
    const value = median([...values.values()]);
    if (value === undefined) return undefined;
    const bases = this.#byRound(load, base, figure);
    const ratios = [...values].flatMap(([round, value]) => {
      const base = bases.get(round);
      return base ? [value / base] : [];
    });
    return { value, ratio: median(ratios) ?? null };
  }

  /** All medians: by load, by target, by figure. */
  summary(): Record<string, Record<string, Record<string, Median>>> {
    const all: Record<string, Record<string, Record<string, Median>>> = {};
    for (const { load, target, figures } of this.turns) {
      const medians = (all[load] ??= {})[target] ??= {};
      for (const figure of Object.keys(toRow(figures))) {
        const found = medians[figure] ?? this.median(load, target, figure);
        if (found) medians[figure] = found;
      }
    }
    return all;
  }
}
